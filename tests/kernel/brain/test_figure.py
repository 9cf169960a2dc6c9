"""A figure, its parts and its rows are one thing, cut to the reader, and nothing is stored."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.province import (
    CANGNAN,
    EVENING,
    LIRUO,
    WENLING,
    YUHUAN,
    Province,
    activate,
    expose,
    household,
    open_case,
)

from guantong.access.api import Rows
from guantong.base.errors import NotFound
from guantong.base.realm import LIVE, Realm
from guantong.brain import service
from guantong.brain.api import (
    Indicator,
    by_division,
    evidence,
    figure,
    indicator,
    indicators,
    run,
    signal_kind,
)
from guantong.flows.models import Case, Task
from guantong.packages.api import Package

pytestmark = pytest.mark.django_db
ALL = Rows(everything=True)
TAIZHOU, WENLING_ONLY = Rows(prefixes=("3310",)), Rows(prefixes=("331081",))


@pytest.fixture
def world(province: Province, flood: Package) -> Province:
    """Households of three persons in Wenling, five in Cangnan; one of each village is safe."""
    cangnan = next(v for v in province.villages if v.startswith("330327"))
    for number in range(4):
        household(f"HW{number}", LIRUO, persons=3)
        household(f"HC{number}", cangnan, persons=5)
    for county in (WENLING, CANGNAN):
        activate(open_case(county=county))
    safe = Task.objects.filter(item="evacuate", key__regex="H[WC]0")
    assert safe.update(state="completed") == 2
    return province


def named(name: str) -> Indicator:
    found = indicator(f"flood_response.{name}")
    assert found is not None
    return found


def value(name: str, rows: Rows = ALL, realm: Realm = LIVE) -> float | None:
    return figure(named(name), realm=realm, rows=rows, now=EVENING).value


def test_a_figure_counts_the_rows_a_reader_may_see(world: Province) -> None:
    assert value("people_remaining") == 3 * 3 + 3 * 5
    assert value("people_remaining", TAIZHOU) == 3 * 3
    assert value("people_remaining", WENLING_ONLY) == 3 * 3
    assert value("people_remaining", Rows(prefixes=("331083",))) == 0
    assert value("people_remaining", Rows()) == 0


def test_a_figure_changes_when_a_row_changes_and_by_nothing_else(world: Province) -> None:
    before = [value("evacuation_rate") for _ in range(2)]
    task = Task.objects.filter(item="evacuate", key__contains="HC1").get()

    Task.objects.filter(id=task.id).update(state="verified")

    assert before == [25.0, 25.0]
    assert value("evacuation_rate") == pytest.approx(100 * (3 + 10) / 32)


def test_the_figures_of_divisions_add_up_to_the_whole(world: Province) -> None:
    parts = by_division(named("people_remaining"), realm=LIVE, rows=ALL, now=EVENING)

    assert parts == {WENLING: 9.0, CANGNAN: 15.0}
    cities = by_division(named("people_remaining"), realm=LIVE, rows=ALL, now=EVENING, width=4)
    assert cities == {"331000000000": 9.0, "330300000000": 15.0}


def test_the_rows_behind_a_figure_are_the_rows_that_made_it(world: Province) -> None:
    for rows in (ALL, TAIZHOU, Rows()):
        shown = evidence(named("people_remaining"), realm=LIVE, rows=rows, now=EVENING)

        assert sum(row["persons"] for row in shown) == value("people_remaining", rows)
    assert len(evidence(named("people_remaining"), realm=LIVE, rows=ALL, now=EVENING, most=2)) == 2


def test_a_figure_of_one_realm_sees_no_row_of_another(world: Province, realm: Realm) -> None:
    assert value("people_remaining", realm=realm) == 0
    assert value("evacuation_rate", realm=realm) is None


def test_a_figure_without_any_row_has_no_value_and_a_grey_light(
    province: Province, flood: Package
) -> None:
    found = figure(named("receipt_rate"), realm=LIVE, rows=ALL, now=EVENING)

    assert (found.value, found.light) == (None, "grey")


def test_a_figure_is_split_by_the_column_it_declares(
    province: Province, flood: Package, lake: Path
) -> None:
    exposed = expose({WENLING: "red", YUHUAN: "red", CANGNAN: "blue"})
    service.assess(LIVE, signal_kind("flood_response.typhoon"), exposed, at=EVENING)

    found = figure(named("counties_alerted"), realm=LIVE, rows=ALL, now=EVENING)
    own = figure(named("counties_alerted"), realm=LIVE, rows=TAIZHOU, now=EVENING)

    assert (found.value, found.parts) == (3, {"red": 2, "blue": 1})
    assert sum(found.parts.values()) == found.value
    assert (own.value, own.parts) == (2, {"red": 2})


def test_what_is_late_is_told_by_the_clock_of_the_reader(world: Province) -> None:
    late = Task.objects.order_by("limit_at").filter(state="dispatched").first()
    assert late is not None

    def overdue(seconds: int) -> float | None:
        at = late.limit_at + timedelta(seconds=seconds)
        return figure(named("tasks_overdue"), realm=LIVE, rows=ALL, now=at).value

    assert overdue(0) == 0
    assert (overdue(1) or 0) > 0


@pytest.mark.parametrize(
    ("better", "given", "light"),
    [
        ("higher", 95, "green"), ("higher", 94.9, "yellow"), ("higher", 80, "yellow"),
        ("higher", 79.9, "red"), ("lower", 80, "green"), ("lower", 80.1, "yellow"),
        ("lower", 95, "yellow"), ("lower", 95.1, "red"), ("lower", None, "grey"),
    ],
)  # fmt: skip
def test_a_light_turns_on_the_bound_itself(better: str, given: float | None, light: str) -> None:
    green, yellow = (95, 80) if better == "higher" else (80, 95)
    one = Indicator(
        id="x", package="x", title="t", meaning="m", unit="u", sql="", source="s",
        better=better, green=green, yellow=yellow,  # type: ignore[arg-type]
    )  # fmt: skip

    assert one.light(given) == light


def test_every_indicator_of_the_application_has_a_figure(world: Province) -> None:
    assert len(indicators()) >= 7
    for one in indicators():
        figure(one, realm=LIVE, rows=ALL, now=EVENING)
        by_division(one, realm=LIVE, rows=WENLING_ONLY, now=EVENING)
        shown = evidence(one, realm=LIVE, rows=WENLING_ONLY, now=EVENING)
        assert all(str(row["division_code"]).startswith("331081") for row in shown)


def test_a_percent_sign_in_a_text_is_a_percent_sign(world: Province) -> None:
    odd = Indicator(
        id="x", package="flood_response", title="t", meaning="m", unit="u", source="s",
        sql="with evidence as (select id from {{ dataset('flows.case') }} where number like '%-01')"
        " select count(*) as value from evidence",
    )  # fmt: skip

    assert figure(odd, realm=LIVE, rows=ALL, now=EVENING).value == Case.objects.count() == 2


def test_a_dataset_nobody_declared_cannot_be_read(world: Province) -> None:
    with pytest.raises(NotFound):
        run(
            "flood_response",
            "select 1 as value",
            ["access.user"],
            realm=LIVE,
            rows=ALL,
            now=EVENING,
        )
