"""Make the store ready: start the embedded server where no other is named, migrate, found.

Everything here may be done again at any time: a store that is ready stays as it is.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

from guantong.main import shipped, upgrade
from guantong.main.errors import NoStoreYet
from guantong.main.home import current
from guantong.main.other_postgres import named, refuse_old
from guantong.main.postgres import Server, refuse_half_restored
from guantong.main.shipped import enter_shipped

log = logging.getLogger(__name__)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")


@contextmanager
def running() -> Iterator[None]:
    """Have a record store for as long as the block lasts, and Django ready to use it."""
    home = current()
    home.prepare()
    if named():
        refuse_half_restored(home)
        with _connected():
            _refuse_old()
            yield
        return
    with Server(home), _connected():
        yield


@contextmanager
def ready(*, fresh: bool = False) -> Iterator[None]:
    """Have the store of this home at work, with its applications, for a command.

    Refused where there is none yet, unless the command may begin one (``fresh``).
    """
    if not fresh:
        refuse_missing()
    with running():
        from guantong.main import wiring

        make_ready()
        wiring.install_packages()
        yield


@contextmanager
def as_it_stands() -> Iterator[None]:
    """Have the store with its log as it stands: nothing is brought up to date, nothing entered.

    Refused where there is none yet.
    """
    refuse_missing()
    with running():
        from guantong.audit.api import has_log

        if not has_log():
            raise NoStoreYet(home=current().path)
        yield


def refuse_missing() -> None:
    """Refuse a home in which nothing has been installed; another server may be named instead."""
    if is_missing():
        raise NoStoreYet(home=current().path)


def is_missing() -> bool:
    """Say whether nothing has been installed in this home, and no other server is named."""
    return not named() and not current().postgres.exists()


def make_ready(
    tell: upgrade.Tell = lambda _key, _facts: None,
    refused: shipped.Tell = lambda refusal: log.error("%s", refusal),
) -> upgrade.Upgraded | None:
    """Migrate the store, found the province, make the demo accounts, enter the shipped packages.

    Each only where missing; ``refused`` hears of a package that the doctor does not pass.

    A real province (GUANTONG_DEMO=no) gets no accounts: ``guantong people first-administrator``.
    Those with a printed password that it still has are closed.

    Returns what an upgrade did, where the store was of an older version.
    """
    from django.conf import settings
    from django.db import connection

    from guantong.access.api import close_printed_accounts, create_demo_accounts
    from guantong.base import clock
    from guantong.base.installation import installation_id, mark_real
    from guantong.orgs.api import found_province

    with connection.cursor() as cursor:
        # Two commands that start at once make the store ready one after the other.
        cursor.execute("select pg_advisory_lock(1735289203)")
        try:
            now = clock.machine_now()
            upgraded = upgrade.bring_up_to_date(at=now, tell=tell)
            installation_id(at=now)
            found_province(on=clock.local_day(now))
            if is_demonstration():
                create_demo_accounts(clock.local_day(now))
            else:
                mark_real(at=now)
                close_printed_accounts(at=now, actor="system")
            enter_shipped(settings.APPS_FOLDER, at=now, tell=refused)
            _seal_what_is_plain()
        finally:
            if connection.connection is not None and not connection.connection.closed:
                with connection.cursor() as again:
                    again.execute("select pg_advisory_unlock(1735289203)")
    return upgraded


def is_demonstration() -> bool:
    """Say whether this store is one of a demonstration: neither home nor store was ever real.

    The home alone does not know: a backup leaves its mark out, and two homes may share a store.
    """
    from guantong.base.installation import is_real

    return current().is_demonstration() and not is_real()


def _seal_what_is_plain() -> None:
    """Seal the personal columns of a store from before there was sealing (release 0.1.0)."""
    from guantong.registry.api import holds_plain_rows, seal_what_is_plain

    if holds_plain_rows():
        from guantong.main import wiring

        wiring.install_packages()  # only the types say which columns are personal
        seal_what_is_plain()


def _refuse_old() -> None:
    from django.db import connection

    connection.ensure_connection()
    refuse_old(connection.connection.info.server_version)


@contextmanager
def _connected() -> Iterator[None]:
    import django

    django.setup()
    from django.db import connections

    try:
        yield
    finally:
        # Before the server stops: what is asked afterwards must not meet a dead connection.
        connections.close_all()
