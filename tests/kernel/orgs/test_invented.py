"""Who has lately put whom into office is bound to them, whatever the first day says."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from guantong.base.clock import machine_now
from guantong.orgs import api as orgs

TODAY = date(2026, 11, 22)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


@pytest.fixture
def three() -> list[UUID]:
    unit = orgs.unit_by_code("water@331081", on=TODAY)
    assert unit is not None
    return [one.id for one in orgs.people_of_unit(unit.id, on=TODAY)][:3]


def appoint(who: UUID, by: str, *, on: date = TODAY, code: str = "emergency@331081") -> None:
    unit = orgs.unit_by_code(code, on=TODAY)
    assert unit is not None
    said: dict[str, Any] = {"at": machine_now(), "actor": by}
    orgs.appoint(who, unit_id=unit.id, post_code="staff", on=on, **said)


def bound(one: UUID, *, at: datetime | None = None) -> frozenset[UUID]:
    return orgs.bound_by_appointing([one], at=at or machine_now())[one]


def test_nobody_is_bound_by_what_the_founding_made(three: list[UUID]) -> None:
    assert bound(three[0]) == frozenset()


def test_whoever_appoints_and_whoever_is_appointed_are_bound_to_each_other(
    three: list[UUID],
) -> None:
    head, stranger, other = three
    appoint(stranger, f"person:{head}")

    assert bound(stranger) == {head}
    assert bound(head) == {stranger}
    assert bound(other) == frozenset()


def test_two_whom_one_person_appointed_are_bound_to_each_other(three: list[UUID]) -> None:
    head, first, second = three
    appoint(first, f"person:{head}")
    appoint(second, f"person:{head}")

    assert bound(first) == {head, second}


def test_two_whom_one_person_appointed_to_different_units_are_strangers(three: list[UUID]) -> None:
    head, first, second = three
    appoint(first, f"person:{head}", code="emergency@331081")
    appoint(second, f"person:{head}", code="area@331081")

    assert bound(first) == {head}
    assert bound(second) == {head}
    assert bound(head) == {first, second}


def test_a_first_day_in_the_past_frees_nobody_but_thirty_days_do(three: list[UUID]) -> None:
    head, stranger, _ = three
    appoint(stranger, f"person:{head}", on=date(2020, 1, 1))

    assert bound(stranger) == {head}
    assert bound(stranger, at=machine_now() + orgs.STRANGER_FOR - timedelta(hours=1)) == {head}
    later = machine_now() + orgs.STRANGER_FOR + timedelta(seconds=1)
    assert bound(stranger, at=later) == frozenset()


def test_what_the_system_or_the_command_line_appointed_binds_nobody(three: list[UUID]) -> None:
    appoint(three[1], "operator")

    assert bound(three[1]) == frozenset()


def test_an_import_binds_whoever_brought_it(three: list[UUID]) -> None:
    text = "人员编号,姓名,任职单位编码,岗位\nWL-1,王小明,water@331081,工作人员\n"
    said: dict[str, Any] = {"at": machine_now(), "actor": f"person:{three[0]}"}
    scope = orgs.Scope(everything=True)
    id = orgs.plan_import(
        text.encode(), "x.csv", person_id=three[0], scope=scope, on=TODAY, **said
    )  # fmt: skip
    orgs.apply_plan(id, on=TODAY, scope=scope, **said)

    fresh = orgs.person_by_number("WL-1")
    assert fresh is not None
    assert bound(fresh) == {three[0]}
