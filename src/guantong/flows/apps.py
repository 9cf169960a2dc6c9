"""Registration of ``guantong.flows`` with Django."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Cases and tasks."""

    name = "guantong.flows"
    label = "flows"
    default_auto_field = "django.db.models.BigAutoField"
