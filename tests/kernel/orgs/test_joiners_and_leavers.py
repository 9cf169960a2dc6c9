"""Joiners, movers, leavers, delegations, rosters: rules that hold whatever happens in between."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.orgs.conftest import FOUNDED

from guantong.orgs import api as orgs
from guantong.orgs.api import NewUnit, PersonRef, Shift, UnitRef
from guantong.orgs.errors import (
    ActingNeedsEnd,
    AlreadyHeld,
    DelegatedAlready,
    DelegatedToOneself,
    DelegateWithoutPost,
    DelegationTooLong,
    EndBeforeBeginning,
    NotOnesPost,
    PostFilled,
    TooLateToUndo,
)
from guantong.orgs.models import Appointment
from guantong.orgs.roster import holes

TODAY = date(2026, 11, 22)
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
LATER = TODAY + timedelta(days=10)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("counties")]
SAY = {"at": AT, "actor": "test"}


def unit(code: str) -> UnitRef:
    found = orgs.unit_by_code(code, on=TODAY)
    assert found is not None
    return found


def person(code: str, post: str = "duty") -> PersonRef:
    people = orgs.people_of_unit(unit(code).id, on=TODAY)
    return next(p for p in people if p.post_code == post)


def post_id(of: PersonRef) -> UUID:
    return orgs.times_of_person(of.id)[0].post_id


def held(id: UUID, on: date = TODAY) -> list[tuple[str, str, str]]:
    return [(p.unit.code, p.post_code, p.kind) for p in orgs.posts_of_people([id], on=on)[id]]


def appoint(of: UUID, code: str, post: str = "staff", **more: object) -> UUID:
    facts: dict[str, object] = {"on": TODAY, **more}
    return orgs.appoint(of, unit_id=unit(code).id, post_code=post, **facts, **SAY)  # type: ignore[arg-type]


def facts(event: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from base_outboxmessage where event = %s", [event])
        return int(cursor.fetchone()[0])


# Appointments


def test_one_person_holds_several_posts_and_leaves_only_with_the_last() -> None:
    one = person("water@331081")
    second = appoint(one.id, "emergency@331081")
    assert len(held(one.id)) == 2

    orgs.end_appointment(second, on=TODAY, **SAY)
    assert facts("PersonLeft") == 0
    orgs.leave_office(one.id, on=TODAY, **SAY)

    assert held(one.id) == []
    assert facts("PersonLeft") == 1
    assert held(one.id, TODAY - timedelta(days=1)) == [("water@331081", "duty", "held")]


def test_whoever_leaves_before_a_second_post_begins_has_left() -> None:
    one = person("water@331081")
    appoint(one.id, "emergency@331081", on=LATER)

    orgs.leave_office(one.id, on=TODAY, **SAY)

    assert held(one.id, LATER) == []
    assert facts("PersonLeft") == 1


def test_an_end_in_days_to_come_is_told_when_the_day_has_come() -> None:
    one = person("water@331081")
    orgs.tell_leavers_due(at=AT)
    orgs.leave_office(one.id, on=LATER, **SAY)
    assert (facts("PersonLeft"), len(held(one.id))) == (0, 1)

    told = [orgs.tell_leavers_due(at=AT + timedelta(days=days)) for days in (9, 10, 10, 11)]

    assert told == [0, 1, 0, 0]


def test_a_post_for_one_is_not_given_to_two_but_somebody_may_act_in_it_until_an_end() -> None:
    one = person("emergency@331081")
    with pytest.raises(PostFilled, match="appoint as acting with an end"):
        appoint(one.id, "water@331081", "head")
    with pytest.raises(ActingNeedsEnd):
        appoint(one.id, "water@331081", "head", kind="acting")

    appoint(one.id, "water@331081", "head", kind="acting", until=LATER)

    assert ("water@331081", "head", "acting") in held(one.id, LATER - timedelta(days=1))
    assert ("water@331081", "head", "acting") not in held(one.id, LATER)


def test_a_post_that_ends_may_be_given_from_that_day_on() -> None:
    old, new = person("water@331081", "head"), person("emergency@331081")
    mine = orgs.times_of_person(old.id)[0].appointment_id
    orgs.end_appointment(mine, on=LATER, **SAY)

    with pytest.raises(PostFilled):
        appoint(new.id, "water@331081", "head", on=LATER - timedelta(days=1))
    appoint(new.id, "water@331081", "head", on=LATER)

    assert ("water@331081", "head", "held") in held(new.id, LATER)


def test_the_same_post_is_not_held_twice_and_no_term_ends_before_it_begins() -> None:
    one = person("water@331081")
    with pytest.raises(AlreadyHeld):
        appoint(one.id, "water@331081", "duty")
    with pytest.raises(EndBeforeBeginning):
        appoint(one.id, "emergency@331081", until=TODAY)


def test_a_just_made_appointment_is_undone_and_one_of_yesterday_is_not() -> None:
    one = person("water@331081")
    fresh = appoint(one.id, "emergency@331081")
    now = orgs.made_at(fresh)

    with pytest.raises(TooLateToUndo, match="End it instead"):
        orgs.undo_appointment(fresh, at=now + timedelta(hours=25), actor="test")
    orgs.undo_appointment(fresh, at=now + timedelta(hours=1), actor="test")

    assert held(one.id) == [("water@331081", "duty", "held")]
    appoint(one.id, "emergency@331081")  # an undone one stands in nobody's way


def test_whoever_moves_has_not_left() -> None:
    one = person("water@331081")
    mine = orgs.times_of_person(one.id)[0].appointment_id

    orgs.move(mine, unit_id=unit("emergency@331081").id, post_code="staff", on=TODAY, **SAY)

    assert held(one.id) == [("emergency@331081", "staff", "held")]
    assert facts("PersonLeft") == 0


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["appoint", "act", "end", "undo", "leave"]),
        st.integers(0, 2),
        st.integers(-20, 20),
        st.integers(1, 30),
    ),
    max_size=12,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=_STEPS)
def test_whatever_happens_no_post_for_one_is_held_by_two_on_any_day(
    steps: list[tuple[str, int, int, int]],
) -> None:
    from django.db import transaction

    from guantong.base.errors import GuantongError

    with transaction.atomic():
        people = [person(f"{line}@331081").id for line in ("water", "emergency", "health")]
        made: list[UUID] = []
        for what, who, offset, length in steps:
            day = TODAY + timedelta(days=offset)
            try:
                with transaction.atomic():
                    if what in ("appoint", "act"):
                        kind = "held" if what == "appoint" else "acting"
                        until = day + timedelta(days=length)
                        made.append(appoint(people[who], "education@331081", "head", on=day,
                                            kind=kind, until=until))  # fmt: skip
                    elif what == "leave":
                        orgs.leave_office(people[who], on=day, **SAY)
                    elif made:
                        id = made[who % len(made)]
                        if what == "end":
                            orgs.end_appointment(id, on=day, **SAY)
                        else:
                            orgs.undo_appointment(id, at=orgs.made_at(id), actor="test")
            except GuantongError:
                pass
        head = next(p for p in orgs.posts_of_unit(unit("education@331081").id, on=FOUNDED)
                    if p.post_code == "head")  # fmt: skip
        rows = list(Appointment.objects.filter(post_id=head.post_id, kind="held"))
        for offset in range(-25, 55):
            day = TODAY + timedelta(days=offset)
            holders = [
                r for r in rows if r.valid_from <= day and (r.valid_to is None or day < r.valid_to)
            ]
            assert len(holders) <= 1, day
        transaction.set_rollback(True)


# Delegations


def delegate(giver: PersonRef, to: PersonRef, **more: object) -> UUID:
    asked = {"post_id": post_id(giver), "on": TODAY, "until": LATER, **more, **SAY}
    return orgs.delegate(giver.id, to.id, **asked)  # type: ignore[arg-type]


def test_a_delegated_post_says_for_whom_and_ends_on_its_day() -> None:
    giver, to = person("water@331081", "head"), person("emergency@331081")
    delegate(giver, to)

    posts = orgs.posts_of_people([to.id], on=TODAY)[to.id]

    assert [(p.kind, p.for_person_id) for p in posts if p.post_code == "head"] == [
        ("delegated", giver.id)
    ]
    assert len(held(to.id, LATER)) == 1
    assert held(giver.id) == [("water@331081", "head", "held")]


def test_nobody_delegates_to_himself_to_an_outsider_or_what_he_does_not_hold() -> None:
    giver, to = person("water@331081", "head"), person("emergency@331081")
    outsider = orgs.new_person("X-1", "王小明", **SAY)
    with pytest.raises(DelegatedToOneself):
        delegate(giver, giver)
    with pytest.raises(DelegateWithoutPost):
        orgs.delegate(giver.id, outsider, post_id=post_id(giver), on=TODAY, until=LATER, **SAY)
    with pytest.raises(NotOnesPost):
        delegate(giver, to, post_id=post_id(person("health@331081")))
    with pytest.raises(EndBeforeBeginning):
        delegate(giver, to, until=TODAY)
    with pytest.raises(DelegationTooLong):
        delegate(giver, to, until=TODAY + timedelta(days=367))


def test_what_was_delegated_is_not_handed_on() -> None:
    giver, to, third = (person(f"{line}@331081") for line in ("water", "emergency", "health"))
    delegate(giver, to)

    with pytest.raises(NotOnesPost, match="cannot be handed on"):
        delegate(to, third, post_id=post_id(giver))


def test_the_same_delegation_is_not_given_twice_and_may_be_given_again_after_its_end() -> None:
    giver, to = person("water@331081"), person("emergency@331081")
    first = delegate(giver, to)
    with pytest.raises(DelegatedAlready):
        delegate(giver, to)

    orgs.end_delegation(first, on=TODAY, **SAY)

    assert len(held(to.id)) == 1
    delegate(giver, to)


def test_an_acting_head_delegates_no_longer_than_he_acts() -> None:
    acting, to = person("emergency@331081"), person("health@331081")
    appoint(acting.id, "water@331081", "head", kind="acting", until=LATER)
    head = person("water@331081", "head")

    with pytest.raises(DelegationTooLong):
        delegate(acting, to, post_id=post_id(head), until=LATER + timedelta(days=1))
    delegate(acting, to, post_id=post_id(head), until=LATER)


@pytest.mark.parametrize("who", ["giver", "receiver"])
def test_with_a_leaver_delegations_given_and_received_end(who: str) -> None:
    giver, to = person("water@331081"), person("emergency@331081")
    delegate(giver, to)

    orgs.leave_office(giver.id if who == "giver" else to.id, on=TODAY, **SAY)

    assert ("water@331081", "duty", "delegated") not in held(to.id)
    assert facts("DelegationEnded") == 1


def test_a_delegation_is_worth_nothing_once_its_giver_s_post_was_altered_away() -> None:
    giver, to = person("water@331081"), person("emergency@331081")
    delegate(giver, to)

    Appointment.objects.filter(person_id=giver.id).update(valid_to=TODAY)

    assert len(held(to.id)) == 1


# Units with two lines, zones, offices, splits


def test_people_of_a_bureau_with_two_lines_act_in_both() -> None:
    orgs.take_on(
        "emergency@331081", line="water", area_code="331081000000", kind="territorial",
        on=TODAY, **SAY,
    )  # fmt: skip

    one = person("emergency@331081")
    posts = orgs.posts_of_people([one.id], on=TODAY)[one.id]

    assert [(p.unit.code, p.unit.line) for p in posts] == [
        ("emergency@331081", "emergency"), ("emergency@331081", "water"),
    ]  # fmt: skip
    before = orgs.posts_of_people([one.id], on=TODAY - timedelta(days=1))[one.id]
    assert [p.unit.line for p in before] == ["emergency"]


def test_a_zone_goes_before_the_general_unit_and_its_end_gives_the_area_back() -> None:
    role = orgs.Role.parse("water@township")
    place = "331081105000"
    row = orgs.take_on(
        "emergency@331081", line="water", area_code=place, kind="zone", on=TODAY, **SAY
    )

    def answers(on: date) -> str:
        found = orgs.resolve(role, place, units=orgs.jurisdictions(TODAY), on=on)
        assert isinstance(found, orgs.Responsibility)
        return found.unit.code

    assert answers(TODAY) == "emergency@331081"
    orgs.give_up(row, on=LATER, **SAY)
    assert (answers(LATER - timedelta(days=1)), answers(LATER)) == (
        "emergency@331081", "water@331081",
    )  # fmt: skip


def test_an_office_has_people_and_answers_for_nothing() -> None:
    made = orgs.open_office(
        NewUnit(code="wl-water-1", name_zh="办公室", name_en="Office"), below="water@331081",
        on=TODAY, **SAY,
    )  # fmt: skip
    one = person("emergency@331081")

    orgs.appoint(one.id, unit_id=made.id, post_code="staff", on=TODAY, **SAY)

    assert orgs.units_above(made.id) == (unit("water@331081").id,)
    assert ("wl-water-1", "staff", "held") in held(one.id)
    assert made.line == "water"


# Rosters


def test_whoever_stands_on_the_roster_is_asked_first_and_otherwise_the_duty_officer() -> None:
    water, lead = unit("water@331081"), person("water@331081", "head")
    orgs.put_on_duty(water.id, [(lead.id, "duty", *orgs.times_of(TODAY, "night"))], **SAY)

    def first(at: datetime | None = None, on: date = TODAY) -> UUID:
        return orgs.duty_people([water.id], on=on, at=at)[water.id][0]

    night, noon = AT + timedelta(hours=10), AT  # 22:00 and 12:00 in China
    assert (first(), first(at=night)) == (lead.id, lead.id)
    assert first(at=noon) == first(on=LATER) == person("water@331081").id


def test_somebody_who_left_is_not_asked_though_the_roster_still_names_him() -> None:
    water, lead = unit("water@331081"), person("water@331081", "head")
    orgs.put_on_duty(water.id, [(lead.id, "duty", *orgs.times_of(TODAY, "whole"))], **SAY)
    orgs.leave_office(lead.id, on=TODAY, **SAY)

    assert lead.id not in orgs.duty_people([water.id], on=TODAY)[water.id]


def test_times_in_which_nobody_is_on_duty_are_listed() -> None:
    start = AT.replace(hour=0)

    def shift(begins: int, ends: int) -> Shift:
        return Shift(
            id=UUID(int=1), unit_id=UUID(int=2), person_id=UUID(int=3), number="", name="",
            part="duty", starts_at=start + timedelta(hours=begins),
            ends_at=start + timedelta(hours=ends), held=((date(2019, 1, 1), None),),
        )  # fmt: skip

    found = holes(
        [shift(8, 20), shift(0, 6), shift(10, 12)], since=start, until=start + timedelta(hours=24)
    )

    hours = [((a - start).seconds // 3600, (b - start) // timedelta(hours=1)) for a, b in found]
    assert hours == [(6, 8), (20, 24)]
