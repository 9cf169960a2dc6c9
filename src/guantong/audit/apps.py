"""Registration of ``guantong.audit`` with Django."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit log."""

    name = "guantong.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
