"""Registration of ``guantong.files`` with Django."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """Attachments and documents."""

    name = "guantong.files"
    label = "files"
    default_auto_field = "django.db.models.BigAutoField"
