"""The store of a test run: what other tests took back must not slow the next one down."""

from typing import Any

import pytest
from django.db import connection, transaction
from tests.store import tidy

NAMES = 3000
_WRITE = (
    "insert into orgs_unitname (id, unit_id, name_zh, name_en, valid_from, valid_to)"
    " select gen_random_uuid(), gen_random_uuid(), 'a', 'b', '2019-01-01', '2020-01-01'"
    f" from generate_series(1, {NAMES})"
)


@pytest.fixture(scope="module")
def after_others(django_db_setup: None, django_db_blocker: Any) -> None:
    """Others wrote and took back, one of them counted, and their file was tidied up after."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for _ in range(3):
            with transaction.atomic():
                cursor.execute(_WRITE)
                transaction.set_rollback(True)
        cursor.execute("analyze orgs_unitname")
        tidy(cursor)


@pytest.mark.django_db
def test_what_a_test_writes_is_not_planned_as_if_it_were_nothing(after_others: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WRITE)

        cursor.execute("explain (format json) select * from orgs_unitname")

        (plan,) = cursor.fetchone()
        assert NAMES / 4 < plan[0]["Plan"]["Plan Rows"] < NAMES * 4


@pytest.mark.django_db
def test_nobody_counts_rows_between_two_tests() -> None:
    with connection.cursor() as cursor:
        cursor.execute("show autovacuum")

        assert cursor.fetchone() == ("off",)
