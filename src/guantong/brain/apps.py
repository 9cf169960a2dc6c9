"""Registration of ``guantong.brain`` with Django."""

from django.apps import AppConfig


class BrainConfig(AppConfig):
    """Signals, alerts and indicators."""

    name = "guantong.brain"
    label = "brain"
    default_auto_field = "django.db.models.BigAutoField"
