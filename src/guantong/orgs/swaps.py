"""Swaps of shifts (换班): two people of a unit take each other's shift.

The person of one shift asks, and the person of the other agrees; whoever administers the unit may
swap two shifts at once. The shifts keep their times and parts and change their people: the old
ones are cancelled and stay in the log. A shift that has begun is not swapped: what was asked about
it is void. Nobody gets by a swap a second shift in the same hours.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from guantong.base.errors import NotFound
from guantong.base.outbox import publish
from guantong.base.realm import LIVE
from guantong.orgs.errors import SwapNotPossible
from guantong.orgs.events import SwapAsked, SwapDone
from guantong.orgs.models import DutyShift, ShiftSwap
from guantong.orgs.trail import leave


@dataclass(frozen=True, slots=True, kw_only=True)
class SwapView:
    """A swap that somebody has asked for and that is not answered yet."""

    id: UUID
    unit_id: UUID
    shift_id: UUID
    other_shift_id: UUID
    person_id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    other_person_id: UUID
    other_name: str
    other_starts_at: datetime
    other_ends_at: datetime


def ask_swap(shift_id: UUID, other_id: UUID, *, by: UUID, at: datetime, actor: str) -> UUID:
    """Ask the person of the other shift to swap; only the person of the first one asks."""
    with transaction.atomic():
        first, second = _both(shift_id, other_id, at)
        if first.person_id != by:
            raise SwapNotPossible("not_own")
        _refuse_twice(first, second)
        waiting = ShiftSwap.objects.filter(
            shift_id=shift_id, other_shift_id=other_id, state="asked"
        ).first()
        if waiting is not None:
            return waiting.id
        made = ShiftSwap.objects.create(
            unit_id=first.unit_id, shift_id=shift_id, other_shift_id=second.id, asked_by=by,
            asked_at=at,
        )  # fmt: skip
        leave("shift_swap", "ask", [made.id], at=at, actor=actor)
        publish(LIVE, SwapAsked(swap_id=made.id, unit_id=first.unit_id), at=at)
        return made.id


def answer_swap(id: UUID, *, agreed: bool, by: UUID | None, at: datetime, actor: str) -> None:
    """Agree to a swap that was asked for, or decline it; answered once.

    ``by`` is the person of the other shift; None for whoever administers the unit. Where one of the
    shifts has begun or is gone, the swap is void, which stays when the refusal is raised.
    """
    refused: SwapNotPossible | None = None
    with transaction.atomic():
        swap = ShiftSwap.objects.select_for_update().filter(id=id, state="asked").first()
        if swap is None:
            raise NotFound(what="swap")
        other = DutyShift.objects.filter(id=swap.other_shift_id)
        if by is not None and not other.filter(person_id=by).exists():
            raise SwapNotPossible("not_asked")
        swap.state, act = ("done", "agree") if agreed else ("declined", "decline")
        try:
            both = _both(swap.shift_id, swap.other_shift_id, at) if agreed else None
        except SwapNotPossible as found:
            refused, both, swap.state, act = found, None, "void", "void"
        if both is not None:
            _exchange(*both, at=at, actor=actor)
        swap.save(update_fields=["state"])
        leave("shift_swap", act, [id], at=at, actor=actor)
    if refused is not None:
        raise refused


def swap_shifts(shift_id: UUID, other_id: UUID, *, at: datetime, actor: str) -> None:
    """Swap two shifts at once: for whoever administers the unit."""
    with transaction.atomic():
        _exchange(*_both(shift_id, other_id, at), at=at, actor=actor)


def _both(shift_id: UUID, other_id: UUID, at: datetime) -> tuple[DutyShift, DutyShift]:
    """Return two shifts that can be swapped, kept from others until the transaction ends."""
    rows = DutyShift.objects.select_for_update().order_by("id")
    found = {row.id: row for row in rows.filter(id__in=[shift_id, other_id], cancelled=False)}
    first, second = found.get(shift_id), found.get(other_id)
    if first is None or second is None or first.unit_id != second.unit_id:
        raise SwapNotPossible("gone")
    if first.person_id == second.person_id:
        raise SwapNotPossible("same_person")
    if min(first.starts_at, second.starts_at) <= at:
        raise SwapNotPossible("begun")
    return first, second


def _refuse_twice(first: DutyShift, second: DutyShift) -> None:
    """Refuse a swap after which somebody would stand twice on the roster in the same hours."""
    for shift, person_id in ((first, second.person_id), (second, first.person_id)):
        others = DutyShift.objects.filter(
            unit_id=shift.unit_id, person_id=person_id, cancelled=False,
            starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at,
        )  # fmt: skip
        if others.exclude(id__in=[first.id, second.id]).exists():
            raise SwapNotPossible("twice")


def _exchange(first: DutyShift, second: DutyShift, *, at: datetime, actor: str) -> None:
    _refuse_twice(first, second)
    DutyShift.objects.filter(id__in=[first.id, second.id]).update(cancelled=True)
    leave("shift", "cancel", [first.id, second.id], at=at, actor=actor)
    one, other = (
        DutyShift.objects.create(
            unit_id=shift.unit_id, person_id=person, part=shift.part, starts_at=shift.starts_at,
            ends_at=shift.ends_at,
        ).id
        for shift, person in ((first, second.person_id), (second, first.person_id))
    )  # fmt: skip
    leave("shift", "swap", [one, other], at=at, actor=actor)
    publish(LIVE, SwapDone(unit_id=first.unit_id, shift_ids=(one, other)), at=at)
    # What else was asked for about these shifts has nothing left to be about.
    asked = ShiftSwap.objects.filter(state="asked")
    void = [
        swap.id
        for swap in asked.filter(unit_id=first.unit_id)
        if {swap.shift_id, swap.other_shift_id} & {first.id, second.id}
        and {swap.shift_id, swap.other_shift_id} != {first.id, second.id}
    ]
    ShiftSwap.objects.filter(id__in=void).update(state="void")
    if void:
        leave("shift_swap", "void", void, at=at, actor=actor)


def swaps_asked(unit_id: UUID, *, at: datetime) -> list[SwapView]:
    """Return the swaps of a unit that wait for an answer and can still be done."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select w.id, w.unit_id, a.id, b.id, a.person_id, p.name, a.starts_at, a.ends_at,"
            " b.person_id, q.name, b.starts_at, b.ends_at from orgs_shiftswap w"
            " join orgs_dutyshift a on a.id = w.shift_id and not a.cancelled and a.starts_at > %s"
            " join orgs_dutyshift b on b.id = w.other_shift_id and not b.cancelled"
            "  and b.starts_at > %s"
            " join orgs_person p on p.id = a.person_id join orgs_person q on q.id = b.person_id"
            " where w.unit_id = %s and w.state = 'asked' order by w.asked_at, w.id",
            [at, at, unit_id],
        )
        names = (
            "id", "unit_id", "shift_id", "other_shift_id", "person_id", "name", "starts_at",
            "ends_at", "other_person_id", "other_name", "other_starts_at", "other_ends_at",
        )  # fmt: skip
        return [SwapView(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]
