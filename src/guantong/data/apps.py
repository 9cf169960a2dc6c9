"""Registration of ``guantong.data`` with Django."""

from django.apps import AppConfig


class DataConfig(AppConfig):
    """The public data platform."""

    name = "guantong.data"
    label = "data"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the audit compare runs with their leaves."""
        from guantong.audit.api import bring_witness
        from guantong.data.witness import RUN_WITNESS

        bring_witness(RUN_WITNESS)
