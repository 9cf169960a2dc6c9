"""Registration of ``guantong.base`` with Django."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    """The ground."""

    name = "guantong.base"
    label = "base"
    default_auto_field = "django.db.models.BigAutoField"
