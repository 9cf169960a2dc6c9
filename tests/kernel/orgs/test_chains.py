"""Declared fallback chains in the store: their days, their leaves, their sheet in the workbook."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from tests.kernel.orgs.test_import import faults

from guantong.audit.models import LeafRow
from guantong.base.errors import NotFound
from guantong.orgs import api as orgs
from guantong.orgs import errors as orgs_errors
from guantong.orgs.api import PlanView, Role, Scope, carrier
from guantong.orgs.errors import (
    ChainDayTaken,
    ChainGoesInARing,
    ChainNotSensible,
    UnknownLine,
    UnknownPlace,
)

YESTERDAY, TODAY, LATER = date(2026, 11, 21), date(2026, 11, 22), date(2026, 12, 22)
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
WENLING, CANGNAN, SHITANG = "331081000000", "330327000000", "331081105000"
# The line of communications has units at province and city only.
ROLE = Role("communications", "county")
HEAD = "条线,承接顺序,行政区划代码,起始日期,依据文号\n"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


def said() -> dict[str, Any]:
    return {"at": AT, "actor": "test"}


def declare(
    *chain: str, line: str = "communications", area: str = WENLING, on: date = TODAY
) -> UUID:
    return orgs.declare_chain(line, area, chain, on=on, **said())


def answering(on: date, place: str = WENLING) -> str:
    found = orgs.resolve(ROLE, place, units=orgs.jurisdictions(on), on=on)
    return found.unit.code if isinstance(found, orgs.Responsibility) else found.reason


def plan(text: str, *, prefix: str = "331081") -> PlanView:
    id = orgs.plan_import(
        (HEAD + text).encode(), "chains.csv", person_id=UUID(int=7),
        scope=Scope(prefixes=(prefix,)), on=TODAY, **said(),
    )  # fmt: skip
    return orgs.plan_view(id)


def apply(made: PlanView) -> PlanView:
    scope = Scope(prefixes=("331081",))
    return orgs.apply_plan(made.id, on=TODAY, scope=scope, **said())


def doubts(made: PlanView) -> list[tuple[str, str]]:
    rows, _ = orgs.plan_rows(made.id, which="doubts")
    return [(doubt.code, doubt.field) for row in rows for doubt in row.doubts]


# The store


def test_without_a_declaration_the_unit_above_answers() -> None:
    assert answering(TODAY) == "communications@3310"


def test_a_declared_chain_answers_from_its_day_on_and_the_days_before_keep_their_answer() -> None:
    declare("area")
    declare(carrier("emergency"), on=LATER)

    assert answering(YESTERDAY) == "communications@3310"
    assert answering(TODAY) == "area@331081"
    assert answering(LATER) == "emergency@331081"
    assert answering(TODAY, CANGNAN) == "communications@3303"
    shown = [(one.chain, one.valid_from, one.valid_to) for one in orgs.chains_declared()]
    assert shown == [((carrier("emergency"),), LATER, None), (("area",), TODAY, LATER)]


def test_the_same_chain_again_is_left_alone() -> None:
    first = declare("area")

    assert declare("area", on=LATER) == first
    assert len(orgs.chains_declared()) == 1


def test_a_chain_declared_twice_on_one_day_is_the_second_one() -> None:
    declare("area")
    declare("gap")

    assert answering(TODAY) == "declared"


def test_a_chain_that_begins_later_is_not_overtaken() -> None:
    declare("area", on=LATER)

    with pytest.raises(ChainDayTaken, match="from 2026-12-22 on already"):
        declare("gap", on=TODAY)


def test_a_withdrawn_chain_gives_way_to_the_one_of_the_wider_area() -> None:
    declare("gap", area="331000000000")
    near = declare("area")

    orgs.withdraw_chain(near, on=LATER, **said())

    assert (answering(TODAY), answering(LATER)) == ("area@331081", "declared")
    with pytest.raises(NotFound):
        orgs.withdraw_chain(near, on=LATER, **said())


def test_a_chain_withdrawn_before_it_begins_leaves_the_one_before_it_as_it_was() -> None:
    before = declare("area")
    coming = declare("gap", on=LATER)
    assert answering(LATER) == "declared"

    orgs.withdraw_chain(coming, on=TODAY, **said())

    assert answering(LATER) == "area@331081"
    shown = {one.id: one.valid_to for one in orgs.chains_declared()}
    assert shown == {before: None, coming: LATER}
    leaf = LeafRow.objects.filter(object_id=before).latest("id")
    assert b"reopen" in bytes(leaf.encoded)
    with pytest.raises(NotFound):
        orgs.withdraw_chain(coming, on=TODAY, **said())


def test_a_reopened_chain_does_not_run_into_the_one_that_follows() -> None:
    declare("area")
    coming = declare("gap", on=LATER)
    orgs.withdraw_chain(coming, on=date(2027, 1, 1), **said())
    declare(carrier("emergency"), on=date(2027, 1, 1))

    orgs.withdraw_chain(coming, on=TODAY, **said())

    assert answering(date(2026, 12, 31)) == "area@331081"
    assert answering(date(2027, 1, 1)) == "emergency@331081"


def test_after_a_withdrawal_that_is_to_come_another_may_be_declared_before_it() -> None:
    declare_id = declare("area")
    orgs.withdraw_chain(declare_id, on=date(2027, 1, 1), **said())

    declare("gap", on=LATER)

    assert (answering(TODAY), answering(LATER)) == ("area@331081", "declared")
    assert answering(date(2027, 2, 1)) == "declared"


def test_a_ring_is_refused_and_nothing_of_it_stays() -> None:
    declare(carrier("emergency"))

    with pytest.raises(ChainGoesInARing, match="communications"):
        declare(carrier("communications"), line="emergency")

    assert [one.line for one in orgs.chains_declared()] == ["communications"]


def test_withdrawing_what_broke_a_ring_is_refused() -> None:
    declare(carrier("emergency"), area="331000000000")
    near = declare("area")
    declare(carrier("communications"), line="emergency")

    with pytest.raises(ChainGoesInARing):
        orgs.withdraw_chain(near, on=LATER, **said())

    assert answering(LATER) == "area@331081"


@pytest.mark.parametrize(
    ("line", "area", "chain", "refusal"),
    [
        ("dragons", WENLING, ("area",), UnknownLine),
        ("water", "331099000000", ("area",), UnknownPlace),
        ("water", WENLING, (), ChainNotSensible),
    ],
)
def test_what_nobody_could_follow_is_refused(
    line: str, area: str, chain: tuple[str, ...], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        declare(*chain, line=line, area=area)


def test_a_declaration_stands_under_the_eyes_of_the_audit() -> None:
    mine = declare("area")
    clean = faults()

    with connection.cursor() as cursor:
        cursor.execute("update orgs_fallbackchain set chain = 'gap' where id = %s", [mine])

    assert clean == set()
    assert faults() == {("record-altered", "fallback_chain", str(mine))}


def test_what_a_chain_would_change_is_told_before_it_is_declared() -> None:
    changed = orgs.changes_by_chain("communications", WENLING, ("area",), on=TODAY)

    before = {place: (was.code if was else None) for role, place, was, _ in changed if role == ROLE}
    after = {place: (now.code if now else None) for role, place, _, now in changed if role == ROLE}
    assert before == {WENLING: "communications@3310"}
    assert after == {WENLING: "area@331081"}
    assert answering(TODAY) == "communications@3310"


# The sheet


def test_a_sheet_declares_chains_and_the_book_brings_them_back_without_a_change() -> None:
    applied = apply(plan("通信管理,应急管理 → 上级条线,331081000000,2026-12-22,温政〔2026〕9号\n"))

    assert (applied.state, applied.counts["chain-declared"]) == ("applied", 1)
    assert (answering(TODAY), answering(LATER)) == ("communications@3310", "emergency@331081")
    none = ("false", [])
    book = orgs.book_workbook(none, none, ("true", []), on=TODAY, language="zh-CN")
    id = orgs.plan_import(book, "book.xlsx", person_id=UUID(int=7),
                          scope=Scope(prefixes=("331081",)), on=TODAY, **said())  # fmt: skip
    again = orgs.plan_view(id)
    assert (again.counts["rows"], again.counts["unchanged"]) == (1, 1)
    text = "".join(orgs.book_text("chains", ("true", []), on=TODAY, language="en"))
    assert "Communications,Emergency management → line above,331081000000,2026-12-22" in text


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        ("龙宫,本级政府,331081000000,,", ("line-unknown", "line")),
        ("通信管理,龙王,331081000000,,", ("chain-link", "chain")),
        ("通信管理,无人承担→本级政府,331081000000,,", ("chain-after-nobody", "chain")),
        ("通信管理,本级政府→本级政府,331081000000,,", ("chain-twice-link", "chain")),
        ("通信管理,本级政府,331099000000,,", ("division-unknown", "division_code")),
        ("通信管理,本级政府,330327000000,,", ("chain-outside", "division_code")),
        ("通信管理,本级政府,,,", ("chain-outside", "division_code")),
        ("通信管理,本级政府,331081000000,明天,", ("date", "valid_from")),
        ("通信管理,,331081000000,,", ("missing", "chain")),
    ],
)
def test_a_row_that_cannot_be_declared_is_in_doubt(row: str, doubt: tuple[str, str]) -> None:
    assert doubts(plan(row + "\n")) == [doubt]


def test_a_row_without_an_area_is_for_the_whole_installation() -> None:
    made = plan("通信管理,本级政府,,,\n", prefix="33")

    rows, _ = orgs.plan_rows(made.id)
    assert [change["area"] for row in rows for change in row.changes] == ["330000000000"]


def test_two_rows_that_close_a_ring_are_both_in_doubt() -> None:
    made = plan("通信管理,应急管理,331081000000,,\n应急管理,通信管理,331081000000,,\n")

    assert doubts(made) == [("chain-ring", "chain"), ("chain-ring", "chain")]


def test_one_line_and_area_twice_in_a_file_is_in_doubt() -> None:
    made = plan("通信管理,本级政府,331081000000,,\n通信管理,应急管理,331081000000,,\n")

    assert doubts(made) == [("chain-twice", "line")]


def test_a_row_before_a_chain_that_begins_later_is_in_doubt() -> None:
    declare("gap", on=LATER)

    assert doubts(plan("通信管理,本级政府,331081000000,2026-12-01,\n")) == [
        ("chain-day-taken", "valid_from")
    ]


def test_what_somebody_declared_since_the_plan_was_made_is_not_overwritten() -> None:
    made = plan("通信管理,本级政府,331081000000,2026-12-01,\n")
    declare("gap", on=LATER)

    with pytest.raises(orgs_errors.PlanInDoubt):
        apply(made)

    assert answering(date(2026, 12, 2)) == "communications@3310"
