"""Registration of ``guantong.registry`` with Django."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """One object, one file."""

    name = "guantong.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
