"""What lets somebody in and stands in no leaf of the log, ended all at once by a restore.

It is asked of a store of whatever version, so it speaks to the tables that are there and to no
model. Access keys are not among them: their ends are in the log (``keys.end_all_keys``).
"""

from typing import Any

import psycopg

# A store of 0.1.0 had the first alone.
_ENDINGS = (
    ("django_session", "delete from django_session"),
    ("access_session", "delete from access_session"),
    ("access_activationcode", "delete from access_activationcode where used_at is null"),
    (
        "access_residence",
        "update access_residence set code_hash = '', expires_at = least(expires_at, now())"
        " where accepted_at is null",
    ),
)


def end_ways_in(connection: psycopg.Connection[Any]) -> int:
    """End every session and void every unused code; return how many sessions those were."""
    ended = 0
    for table, ending in _ENDINGS:
        there = connection.execute("select to_regclass(%s)", [table]).fetchone()
        if there is not None and there[0] is not None:
            rows = connection.execute(ending).rowcount
            ended += rows if table.endswith("_session") else 0
    return ended
