"""The SQL of a package on the record store: it ends, it changes nothing, and it leaves no trace."""

from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from tests.province import EVENING

from guantong.access.api import Rows
from guantong.base.models import Exercise
from guantong.base.realm import LIVE
from guantong.brain import datasets
from guantong.brain.api import record_sql, run, together
from guantong.brain.errors import FigureStopped

pytestmark = pytest.mark.django_db
ALL = Rows(everything=True)
FOREVER = (
    "with recursive t as (select 1 as n union all select n from t) select count(*) as value from t"
)


def ask(sql: str) -> object:
    rows = run("river_watch", record_sql(sql), ["flows.task"], realm=LIVE, rows=ALL, now=EVENING)
    return rows[0]["value"]


@pytest.mark.parametrize(
    "sql",
    [
        FOREVER,
        "select count(*) as value from generate_series(1, 1000000000000) as t(n)",
        "select count(*) as value from generate_series(1, 1000000) as a(n)"
        " cross join generate_series(1, 1000000) as b(m)",
    ],
)
def test_a_figure_that_does_not_end_is_stopped(sql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MOST_SECONDS", 1)

    with pytest.raises(FigureStopped, match="river_watch was stopped after 1 seconds"):
        ask(sql)

    assert ask("select 1 as value") == 1


def test_afterwards_the_time_of_other_statements_is_what_it_was() -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = '77s'")

    ask("select 1 as value")

    with connection.cursor() as cursor:
        cursor.execute("show statement_timeout")
        assert cursor.fetchone() == ("77s",)


def test_the_cursor_of_a_figure_writes_nothing_and_what_follows_does() -> None:
    with pytest.raises(InternalError, match="read-only"), datasets.bounded() as cursor:
        cursor.execute("delete from base_exercise")
    ask("select 1 as value")

    with transaction.atomic():
        Exercise.objects.create(
            realm="exercise:0", package="p", asked="a", started_at=EVENING, begins_at=EVENING,
            now_at=EVENING,
        )  # fmt: skip
    assert Exercise.objects.filter(realm="exercise:0").exists()


def test_figures_together_ask_once_each_and_their_bounds_once(
    django_assert_num_queries: Any,
) -> None:
    with django_assert_num_queries(4 * 5):
        for _ in range(4):
            ask("select 1 as value")

    # Savepoint, bounds, four figures, the time that was before, release.
    with django_assert_num_queries(4 + 4), together():
        for _ in range(4):
            ask("select 1 as value")


def all_together(*questions: str) -> list[object]:
    with together():
        return [ask(sql) for sql in questions]


def test_figures_together_write_nothing() -> None:
    def write() -> None:
        with together(), datasets.bounded() as cursor:
            ask("select 1 as value")
            cursor.execute("delete from base_exercise")

    with pytest.raises(InternalError, match="read-only"):
        write()

    with connection.cursor() as cursor:
        cursor.execute("show transaction_read_only")
        assert cursor.fetchone() == ("off",)


def test_each_of_the_figures_together_ends_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "MOST_SECONDS", 1)

    with pytest.raises(FigureStopped, match="after 1 seconds"):
        all_together("select 1 as value", FOREVER)

    assert ask("select 1 as value") == 1


def test_together_within_together_is_bounded_until_the_outer_one_ends() -> None:
    with together():
        with together():
            ask("select 1 as value")
        with pytest.raises(InternalError, match="read-only"), transaction.atomic():
            Exercise.objects.all().delete()
        assert ask("select 1 as value") == 1
