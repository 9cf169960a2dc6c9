"""Registration of ``guantong.packages`` with Django."""

from django.apps import AppConfig


class PackagesConfig(AppConfig):
    """Application packages."""

    name = "guantong.packages"
    label = "packages"
    default_auto_field = "django.db.models.BigAutoField"
