"""Make the store ready: start the embedded server where no other is named, migrate, found.

Everything here may be done again at any time: a store that is ready stays as it is.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from guantong.main.home import current
from guantong.main.postgres import Server

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guantong.main.settings")


@contextmanager
def running() -> Iterator[None]:
    """Have a record store for as long as the block lasts, and Django ready to use it."""
    home = current()
    home.prepare()
    if os.environ.get("DATABASE_URL"):
        with _connected():
            yield
        return
    with Server(home), _connected():
        yield


def make_ready() -> None:
    """Migrate the store, found the province, make the demo accounts: each only where missing."""
    from django.core.management import call_command
    from django.db import connection

    from guantong.access.api import create_demo_accounts
    from guantong.base import clock
    from guantong.base.installation import installation_id
    from guantong.orgs.api import found_province

    with connection.cursor() as cursor:
        # Two commands that start at once make the store ready one after the other.
        cursor.execute("select pg_advisory_lock(1735289203)")
        try:
            call_command("migrate", verbosity=0)
            now = clock.machine_now()
            installation_id(at=now)
            found_province(on=clock.local_day(now))
            create_demo_accounts(clock.local_day(now))
        finally:
            cursor.execute("select pg_advisory_unlock(1735289203)")


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
