"""Registration of ``guantong.notices`` with Django."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notices, receipts and deliveries."""

    name = "guantong.notices"
    label = "notices"
    default_auto_field = "django.db.models.BigAutoField"
