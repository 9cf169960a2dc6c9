"""The number of the set of applications: it grows with each change, so that every process sees one.

What is installed, and what areas say differently (``packages.areas``), is one set. Whoever changes
it does so alone: what was looked at before still stands when the change goes down.
"""

from django.db import connection

# One change of the set at a time, in the whole installation. Ours alone.
_LOCK = 0x67745F61


def one_at_a_time() -> None:
    """Wait until nobody else changes the set, until the end of the running transaction."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def raise_number() -> None:
    """Let every process see that the set has changed, once the running transaction is written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into packages_set_version (id, number) values (1, 1)"
            " on conflict (id) do update set number = packages_set_version.number + 1"
        )


def read_number() -> int:
    """Return the number of the set as it stands."""
    with connection.cursor() as cursor:
        cursor.execute("select number from packages_set_version where id = 1")
        found = cursor.fetchone()
    return found[0] if found else 0
