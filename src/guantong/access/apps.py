"""Registration of ``guantong.access`` with Django."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Accounts and the one decision."""

    name = "guantong.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
