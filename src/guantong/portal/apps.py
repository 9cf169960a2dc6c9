"""Registration of ``guantong.portal`` with Django."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """Web pages."""

    name = "guantong.portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"
