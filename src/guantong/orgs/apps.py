"""Registration of ``guantong.orgs`` with Django."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Divisions, units, posts and people."""

    name = "guantong.orgs"
    label = "orgs"
    default_auto_field = "django.db.models.BigAutoField"
