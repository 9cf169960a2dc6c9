"""Registration of ``guantong.main`` with Django, for the history of its upgrades."""

from django.apps import AppConfig


class MainConfig(AppConfig):
    """The composition root."""

    name = "guantong.main"
    label = "main"
    default_auto_field = "django.db.models.BigAutoField"
