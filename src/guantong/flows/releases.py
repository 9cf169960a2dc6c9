"""Which release of its package a case goes by: counted for whoever changes what is installed."""

from collections.abc import Mapping

from django.db import connection


def adopt_cases(package: str, release: str) -> int:
    """Let cases that began before releases were kept belong to this one; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_case set release = %s where package = %s and release = ''",
            [release, package],
        )
        return int(cursor.rowcount)


def running_cases(package: str) -> Mapping[tuple[str, str], int]:
    """Return how many cases of a package run, in every realm, by release and process."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select release, process, count(*) from flows_case"
            " where package = %s and state = 'open' group by release, process",
            [package],
        )
        return {(release, process): count for release, process, count in cursor.fetchall()}
