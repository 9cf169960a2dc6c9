"""Registration of ``guantong.access`` with Django."""

from typing import Any

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Accounts and the one decision."""

    name = "guantong.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the accounts of an older store accounted for when it has been migrated."""
        from django.db.models.signals import post_migrate

        post_migrate.connect(_adopt, sender=self)


def _adopt(plan: list[tuple[Any, bool]] | None = None, **_: object) -> None:
    # Before 0003 the log did not say how an account stood; afterwards a check asks for it.
    for migration, backwards in plan or ():
        if (migration.app_label, migration.name, backwards) == ("access", "0003_sign_in", False):
            from guantong.access.account import adopt
            from guantong.base.clock import machine_now

            adopt(at=machine_now())
