"""Who is on duty by the hour: shifts over midnight, the stroke of a hand-over, holes, swaps."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guantong.audit.models import LeafRow
from guantong.base.clock import BEIJING, local_day
from guantong.base.errors import NotFound
from guantong.orgs import api as orgs
from guantong.orgs.errors import SwapNotPossible
from guantong.orgs.models import DutyShift, ShiftSwap

DAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, tzinfo=BEIJING)
AT = datetime(2026, 11, 20, 4, tzinfo=BEIJING)
HOUR, INSTANT = timedelta(hours=1), timedelta(microseconds=1)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]


def said() -> dict[str, Any]:
    return {"at": AT, "actor": "test"}


def unit_id(code: str = "water@331081") -> UUID:
    found = orgs.unit_by_code(code, on=DAY)
    assert found is not None
    return found.id


def people() -> list[UUID]:
    """The duty officer first: who answers where there is no roster."""
    return [one.id for one in orgs.people_of_unit(unit_id(), on=DAY)]


def enter(*shifts: tuple[UUID, str, datetime, datetime]) -> list[UUID]:
    return orgs.put_on_duty(unit_id(), shifts, **said())


def by_rule(at: datetime) -> list[UUID]:
    since, until = MIDNIGHT - 9 * 24 * HOUR, MIDNIGHT + 9 * 24 * HOUR
    return [s.person_id for s in orgs.on_duty(orgs.shifts(unit_id(), since=since, until=until), at)]


def by_sql(at: datetime) -> tuple[UUID, ...]:
    return orgs.duty_people([unit_id()], on=local_day(at), at=at)[unit_id()]


# The stroke and midnight


def test_whoever_comes_on_has_the_stroke_of_the_hand_over() -> None:
    day, night = people()[1], people()[2]
    eight = MIDNIGHT + 20 * HOUR
    enter((day, "duty", eight - 12 * HOUR, eight), (night, "duty", eight, eight + 12 * HOUR))

    assert by_sql(eight - INSTANT)[0] == by_rule(eight - INSTANT)[0] == day
    assert by_sql(eight)[0] == by_rule(eight)[0] == night
    assert by_rule(eight) == [night]


def test_a_night_shift_has_the_hours_after_midnight() -> None:
    night = people()[2]
    enter((night, "duty", *orgs.times_of(DAY, "night")))

    two = MIDNIGHT + 26 * HOUR

    assert by_sql(two)[0] == by_rule(two)[0] == night
    # Two in the morning of the day itself is the night before: no shift, the duty officer.
    assert by_rule(MIDNIGHT + 2 * HOUR) == []
    assert by_sql(MIDNIGHT + 2 * HOUR)[0] == people()[0]


def test_the_first_on_duty_comes_before_the_second_and_both_before_the_leader() -> None:
    lead, second, first = people()[:3]
    span = (MIDNIGHT, MIDNIGHT + HOUR)
    enter((lead, "lead", *span), (second, "second", *span), (first, "duty", *span))

    assert by_rule(MIDNIGHT) == [first, second, lead]
    assert by_sql(MIDNIGHT)[:3] == (first, second, lead)


def test_a_leaver_s_shifts_are_holes_from_the_day_of_leaving_on() -> None:
    leaver = people()[2]
    enter((leaver, "duty", MIDNIGHT - 4 * HOUR, MIDNIGHT + 8 * HOUR),
          (leaver, "duty", MIDNIGHT + 20 * HOUR, MIDNIGHT + 32 * HOUR))  # fmt: skip
    orgs.leave_office(leaver, on=DAY, **said())

    entered = orgs.shifts(unit_id(), since=MIDNIGHT - 4 * HOUR, until=MIDNIGHT + 32 * HOUR)

    assert [shift.left for shift in entered] == [True, True]
    assert by_rule(MIDNIGHT - INSTANT) == [leaver]
    assert by_rule(MIDNIGHT) == by_rule(MIDNIGHT + 21 * HOUR) == []
    assert orgs.holes(entered, since=MIDNIGHT - 4 * HOUR, until=MIDNIGHT + 32 * HOUR) == [
        (MIDNIGHT, MIDNIGHT + 32 * HOUR)
    ]


def test_holes_are_what_lies_between_shifts_that_overlap_or_not() -> None:
    one, two = people()[:2]
    enter((one, "duty", MIDNIGHT + HOUR, MIDNIGHT + 5 * HOUR),
          (two, "second", MIDNIGHT + 2 * HOUR, MIDNIGHT + 3 * HOUR),
          (two, "duty", MIDNIGHT + 7 * HOUR, MIDNIGHT + 30 * HOUR))  # fmt: skip
    entered = orgs.shifts(unit_id(), since=MIDNIGHT, until=MIDNIGHT + 24 * HOUR)

    assert orgs.holes(entered, since=MIDNIGHT, until=MIDNIGHT + 24 * HOUR) == [
        (MIDNIGHT, MIDNIGHT + HOUR), (MIDNIGHT + 5 * HOUR, MIDNIGHT + 7 * HOUR),
    ]  # fmt: skip
    assert orgs.holes([], since=MIDNIGHT, until=MIDNIGHT + HOUR) == [(MIDNIGHT, MIDNIGHT + HOUR)]


# One answer


_SHIFTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(orgs.PARTS), st.integers(-30, 60), st.integers(1, 26)
    ),
    max_size=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(entered=_SHIFTS, leaves=st.one_of(st.none(), st.integers(-1, 2)), data=st.data())
def test_the_store_and_the_rule_give_the_same_answer_at_each_instant(
    entered: list[tuple[int, str, int, int]], leaves: int | None, data: st.DataObject
) -> None:
    with transaction.atomic():
        who = people()[:3]
        enter(*(
            (who[person], part, MIDNIGHT + begins * HOUR, MIDNIGHT + (begins + length) * HOUR)
            for person, part, begins, length in entered
        ))  # fmt: skip
        if leaves is not None:
            orgs.leave_office(who[2], on=DAY + timedelta(days=leaves), **said())
        edges = [begins + offset for _, _, begins, length in entered for offset in (0, length)]
        hour = data.draw(st.sampled_from([*edges, 0, 24]) | st.integers(-40, 90))
        moved = data.draw(st.sampled_from([-INSTANT, timedelta(), INSTANT]))
        at = MIDNIGHT + hour * HOUR + moved

        rule, store = by_rule(at), by_sql(at)

        first = list(dict.fromkeys(rule))
        assert list(store[: len(first)]) == first
        hole = any(
            begins <= at < ends
            for begins, ends in orgs.holes(
                orgs.shifts(unit_id(), since=at, until=at + INSTANT), since=at, until=at + INSTANT
            )
        )
        assert hole == (rule == [])
        if not rule:
            default = [one.id for one in orgs.people_of_unit(unit_id(), on=local_day(at))]
            assert list(store) == list(dict.fromkeys(default))
        transaction.set_rollback(True)


# Hours as people write them


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("白班", 8, 20), ("night", 20, 32), ("", 8, 32), ("18:00-06:00", 18, 30),
        ("08：00—12:00", 8, 12), ("20:00至次日08:00", 20, 32), ("00:00-24:00", 0, 24),
        ("08:00-08:00", 8, 32),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text: str, begins: int, ends: int) -> None:
    assert orgs.hours_of(DAY, text) == (MIDNIGHT + begins * HOUR, MIDNIGHT + ends * HOUR)


@pytest.mark.parametrize("text", ["中班", "25:00-06:00", "18:00-24:30", "18:60-20:00", "18-20"])
def test_what_is_no_time_is_no_shift(text: str) -> None:
    assert orgs.hours_of(DAY, text) is None


# The same roster again


def bring(*rows: tuple[str, str]) -> list[tuple[int, str]]:
    """Bring rows (number, part) of one day's day shift; return the faults, enter what is taken."""
    known = {one.number: one.id for one in orgs.people_of_unit(unit_id(), on=DAY)}
    text = "".join(f"{DAY},day,{number},{part}\n" for number, part in rows)
    taken, faults = orgs.read_roster(text.encode(), known, unit_id=unit_id())
    if not faults:
        enter(*taken)
    return [(fault.line, fault.code) for fault in faults]


def numbers() -> list[str]:
    return [one.number for one in orgs.people_of_unit(unit_id(), on=DAY)]


def test_the_same_roster_again_changes_nothing() -> None:
    rows = ((numbers()[0], "duty"), (numbers()[1], "second"))

    assert bring(*rows) == bring(*rows) == []
    assert DutyShift.objects.count() == 2


def test_the_same_roster_again_does_not_undo_a_cancellation() -> None:
    assert bring((numbers()[0], "duty"), (numbers()[1], "second")) == []
    orgs.cancel_shift(DutyShift.objects.get(part="duty").id, unit_id=unit_id(), **said())

    assert bring((numbers()[0], "duty"), (numbers()[1], "second")) == [(1, "cancelled")]
    assert who_has(10) == [(people()[1], "second")]


def test_the_same_roster_again_does_not_undo_a_swap(two: tuple[UUID, UUID]) -> None:
    orgs.swap_shifts(*two, **said())

    assert bring((numbers()[0], "duty")) == [(1, "swapped")]
    assert bring((numbers()[1], "duty")) == []
    assert who_has(10) == [(people()[1], "duty")]


def test_who_is_entered_with_another_part_has_that_part_and_a_leaf(two: tuple[UUID, UUID]) -> None:
    assert bring((numbers()[0], "second")) == []

    assert who_has(10) == [(people()[0], "second")]
    leaf = LeafRow.objects.filter(object_id=two[0]).latest("id")
    assert b'"part":"second"' in bytes(leaf.encoded)


def test_one_person_with_two_parts_in_the_same_hours_is_a_fault() -> None:
    one, other = numbers()[:2]

    assert bring((one, "duty"), (other, "lead"), (one, "second")) == [(3, "twice")]
    assert who_has(10) == []


def test_a_shift_taken_off_is_entered_again_by_hand(two: tuple[UUID, UUID]) -> None:
    orgs.cancel_shift(two[0], unit_id=unit_id(), **said())

    enter((people()[0], "duty", *orgs.times_of(DAY, "day")))

    assert who_has(10) == [(people()[0], "duty")]


def test_the_store_refuses_one_person_twice_in_the_same_hours(two: tuple[UUID, UUID]) -> None:
    row = DutyShift.objects.get(id=two[0])

    with pytest.raises(IntegrityError, match="orgs_shift_once"), transaction.atomic():
        DutyShift.objects.create(
            unit_id=row.unit_id, person_id=row.person_id, part="lead", starts_at=row.starts_at,
            ends_at=row.ends_at,
        )  # fmt: skip


# Swaps


@pytest.fixture
def two() -> tuple[UUID, UUID]:
    one, other = enter((people()[0], "duty", *orgs.times_of(DAY, "day")),
                       (people()[1], "second", *orgs.times_of(DAY, "night")))  # fmt: skip
    return one, other


def who_has(hours: int) -> list[tuple[UUID, str]]:
    at = MIDNIGHT + hours * HOUR
    return [(s.person_id, s.part) for s in orgs.on_duty_now(unit_id(), at=at)]


def test_a_swap_changes_nothing_until_the_other_agrees_and_then_the_people(
    two: tuple[UUID, UUID],
) -> None:
    swap = orgs.ask_swap(*two, by=people()[0], **said())
    assert orgs.ask_swap(*two, by=people()[0], **said()) == swap
    assert (who_has(10), who_has(22)) == ([(people()[0], "duty")], [(people()[1], "second")])

    orgs.answer_swap(swap, agreed=True, by=people()[1], **said())

    assert (who_has(10), who_has(22)) == ([(people()[1], "duty")], [(people()[0], "second")])
    with pytest.raises(NotFound):
        orgs.answer_swap(swap, agreed=True, by=people()[1], **said())


def test_a_declined_swap_leaves_the_shifts(two: tuple[UUID, UUID]) -> None:
    swap = orgs.ask_swap(*two, by=people()[0], **said())

    orgs.answer_swap(swap, agreed=False, by=people()[1], **said())

    assert who_has(10) == [(people()[0], "duty")]
    assert orgs.swaps_asked(unit_id(), at=AT) == []


def test_what_else_was_asked_about_a_swapped_shift_is_void(two: tuple[UUID, UUID]) -> None:
    third = enter((people()[2], "lead", *orgs.times_of(DAY, "day")))[0]
    waiting = orgs.ask_swap(two[0], third, by=people()[0], **said())

    orgs.swap_shifts(*two, **said())

    assert orgs.swaps_asked(unit_id(), at=AT) == []
    with pytest.raises(NotFound):
        orgs.answer_swap(waiting, agreed=True, by=people()[2], **said())


def test_a_swap_agreed_to_after_the_shift_began_is_refused(two: tuple[UUID, UUID]) -> None:
    swap = orgs.ask_swap(*two, by=people()[0], **said())
    stroke = MIDNIGHT + 8 * HOUR

    with pytest.raises(SwapNotPossible, match="has begun"):
        orgs.answer_swap(swap, agreed=True, by=people()[1], at=stroke, actor="test")

    assert ShiftSwap.objects.get().state == "void"
    assert LeafRow.objects.filter(object_id=swap).count() == 2
    with pytest.raises(NotFound):
        orgs.answer_swap(swap, agreed=True, by=people()[1], at=stroke, actor="test")


def test_a_swap_that_waits_is_not_shown_once_a_shift_has_begun(two: tuple[UUID, UUID]) -> None:
    orgs.ask_swap(*two, by=people()[0], **said())
    stroke = MIDNIGHT + 8 * HOUR

    assert orgs.swaps_asked(unit_id(), at=stroke) == []
    assert len(orgs.swaps_asked(unit_id(), at=stroke - INSTANT)) == 1


@pytest.mark.parametrize("agreed", [True, False])
def test_only_the_person_of_the_other_shift_answers(two: tuple[UUID, UUID], agreed: bool) -> None:
    swap = orgs.ask_swap(*two, by=people()[0], **said())

    for somebody in (people()[0], people()[2]):
        with pytest.raises(SwapNotPossible, match="only the person of the other shift"):
            orgs.answer_swap(swap, agreed=agreed, by=somebody, **said())

    assert ShiftSwap.objects.get().state == "asked"
    assert who_has(10) == [(people()[0], "duty")]


def test_whoever_administers_the_unit_answers_in_place_of_the_other(
    two: tuple[UUID, UUID],
) -> None:
    swap = orgs.ask_swap(*two, by=people()[0], **said())

    orgs.answer_swap(swap, agreed=True, by=None, **said())

    assert who_has(10) == [(people()[1], "duty")]


def test_nobody_is_first_and_second_in_the_same_hours_by_a_swap(two: tuple[UUID, UUID]) -> None:
    enter((people()[1], "second", MIDNIGHT + 9 * HOUR, MIDNIGHT + 11 * HOUR))

    with pytest.raises(SwapNotPossible, match="twice on the roster"):
        orgs.ask_swap(*two, by=people()[0], **said())
    with pytest.raises(SwapNotPossible, match="twice on the roster"):
        orgs.swap_shifts(*two, **said())

    assert who_has(10) == [(people()[0], "duty"), (people()[1], "second")]


def test_a_second_shift_entered_after_the_question_keeps_the_swap_waiting(
    two: tuple[UUID, UUID],
) -> None:
    swap = orgs.ask_swap(*two, by=people()[0], **said())
    enter((people()[1], "second", MIDNIGHT + 9 * HOUR, MIDNIGHT + 11 * HOUR))

    with pytest.raises(SwapNotPossible, match="twice on the roster"):
        orgs.answer_swap(swap, agreed=True, by=people()[1], **said())

    assert ShiftSwap.objects.get().state == "asked"


def test_one_gives_only_one_s_own_shift_and_not_to_oneself(two: tuple[UUID, UUID]) -> None:
    mine = enter((people()[0], "duty", *orgs.times_of(DAY + timedelta(days=1), "day")))[0]

    with pytest.raises(SwapNotPossible, match="of one's own"):
        orgs.ask_swap(*two, by=people()[1], **said())
    with pytest.raises(SwapNotPossible, match="same person"):
        orgs.swap_shifts(two[0], mine, **said())


def test_a_shift_that_was_cancelled_is_not_swapped(two: tuple[UUID, UUID]) -> None:
    orgs.cancel_shift(two[1], unit_id=unit_id(), **said())

    with pytest.raises(SwapNotPossible, match="was cancelled"):
        orgs.swap_shifts(*two, **said())
