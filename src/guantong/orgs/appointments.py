"""Joiners, movers, leavers: who holds or acts in which post, from which day to which.

An appointment is an interval of days, never removed: ended early, its end moves; undone, it is
left with no day in it. A post for one person (head, duty officer, second duty officer) is held by
one at a time; whoever acts in it (代理) stands beside its holder and always has an end. Whoever
loses the last post has left: delegations given and received end, and ``PersonLeft`` says so.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from guantong.base.clock import local_day
from guantong.base.outbox import publish
from guantong.base.realm import LIVE
from guantong.orgs.delegations import end_delegations_of
from guantong.orgs.errors import (
    ActingNeedsEnd,
    AlreadyEnded,
    AlreadyHeld,
    EndBeforeBeginning,
    PostFilled,
    TooLateToUndo,
    UnknownPerson,
    UnknownPost,
    UnknownUnit,
)
from guantong.orgs.events import PersonAppointed, PersonLeft
from guantong.orgs.founding_seal import touch
from guantong.orgs.models import (
    POST_CODES,
    SINGLE_POSTS,
    Appointment,
    OrganisationVersion,
    Person,
    Post,
    Unit,
)
from guantong.orgs.queries import open_on
from guantong.orgs.trail import leave

# A mistake is noticed within a day; afterwards rights were used, and an end is the honest word.
UNDO_WITHIN = timedelta(days=1)

# Of the table of version numbers, the row that remembers up to which day leavers were told.
_DAY_ROW = 2


def appoint(
    person_id: UUID,
    *,
    unit_id: UUID,
    post_code: str,
    title: str = "",
    kind: str = "held",
    on: date,
    until: date | None = None,
    basis: str = "",
    at: datetime,
    actor: str,
) -> UUID:
    """Give a person a post from ``on`` up to, not including, ``until``; return the appointment."""
    if post_code not in POST_CODES:
        raise UnknownPost(post=post_code)
    if kind == "acting" and until is None:
        raise ActingNeedsEnd(post=post_code)
    if until is not None and until <= on:
        raise EndBeforeBeginning(on=on, until=until)
    with transaction.atomic():
        # The unit is kept from others: two who fill one post at once would both find it free.
        unit = open_on(Unit.objects.select_for_update().filter(id=unit_id), on).first()
        if unit is None:
            raise UnknownUnit(code=str(unit_id), on=on)
        if not Person.objects.filter(id=person_id).exists():
            raise UnknownPerson(person=str(person_id))
        post = _post(unit, post_code, title, at=at, actor=actor)
        beside = _overlapping(Appointment.objects.filter(post_id=post.id), on, until)
        if beside.filter(person_id=person_id).exists():
            raise AlreadyHeld(unit=unit.code, post=post_code, on=on)
        if kind == "held" and post_code in SINGLE_POSTS and beside.filter(kind="held").exists():
            raise PostFilled(unit=unit.code, post=post_code, on=on)
        made = Appointment.objects.create(
            person_id=person_id, post_id=post.id, kind=kind, basis=basis, valid_from=on,
            valid_to=until, founded=False, made_by=actor,
        )  # fmt: skip
        leave(
            "appointment", "appoint", [made.id], at=at, actor=actor, unit=unit.code,
            unit_name=unit.name_zh, post=post_code, title=post.title,
        )  # fmt: skip
        fact = PersonAppointed(
            appointment_id=made.id, person_id=person_id, unit_id=unit.id, post_code=post_code,
            kind=kind, on=on,
        )  # fmt: skip
        publish(LIVE, fact, at=at)
        return made.id


def _overlapping(
    rows: QuerySet[Appointment], on: date, until: date | None
) -> QuerySet[Appointment]:
    # An undone appointment holds on no day and stands in nobody's way.
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")))
    found = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return found if until is None else found.filter(valid_from__lt=until)


def _post(unit: Unit, code: str, title: str, *, at: datetime, actor: str) -> Post:
    """Return the unit's post of that code (and title, where there may be several); made at need."""
    own = Post.objects.filter(unit_id=unit.id, code=code).order_by("id")
    wanted = title or f"orgs.post.{code}"
    found = (own if code in SINGLE_POSTS else own.filter(title=wanted)).first()
    if found is None:
        found = Post.objects.create(unit_id=unit.id, code=code, title=wanted, founded=False)
        leave("post", "set_up", [found.id], at=at, actor=actor, unit=unit.code)
    elif title and found.title != title:
        touch("post", [found.id], at=at, actor=actor)
        found.title = title
        found.save(update_fields=["title"])
        leave("post", "title", [found.id], at=at, actor=actor, unit=unit.code)
    return found


def end_appointment(id: UUID, *, on: date, at: datetime, actor: str) -> None:
    """End one appointment on that day; whoever loses the last post has left."""
    with transaction.atomic():
        row = _locked(id)
        if row.valid_to is not None and row.valid_to <= on:
            raise AlreadyEnded(until=row.valid_to)
        _end([row], on=on, act="end", at=at, actor=actor)


def move(
    id: UUID,
    *,
    unit_id: UUID,
    post_code: str,
    title: str = "",
    on: date,
    basis: str = "",
    at: datetime,
    actor: str,
) -> UUID:
    """End one appointment and begin another on the same day; return the new one."""
    with transaction.atomic():
        row = _locked(id)
        if row.valid_to is not None and row.valid_to <= on:
            raise AlreadyEnded(until=row.valid_to)
        _end([row], on=on, act="move", at=at, actor=actor, leaving=False)
        return appoint(
            row.person_id, unit_id=unit_id, post_code=post_code, title=title, on=on, basis=basis,
            at=at, actor=actor,
        )  # fmt: skip


def leave_office(person_id: UUID, *, on: date, at: datetime, actor: str) -> int:
    """End every post of a person on that day; return how many ended."""
    with transaction.atomic():
        rows = list(
            Appointment.objects.select_for_update().filter(
                Q(valid_to__isnull=True) | Q(valid_to__gt=on), person_id=person_id
            )
        )
        if rows:
            _end(rows, on=on, act="leave", at=at, actor=actor)
        return len(rows)


def undo_appointment(id: UUID, *, at: datetime, actor: str) -> None:
    """Take back an appointment made within the last day; it never held."""
    with transaction.atomic():
        row = _locked(id)
        if row.founded or at - made_at(row.id) > UNDO_WITHIN:
            raise TooLateToUndo(since=made_at(row.id).date())
        if row.valid_to is not None and row.valid_to <= row.valid_from:
            return
        _end([row], on=row.valid_from, act="undo", at=at, actor=actor)


def made_at(id: UUID) -> datetime:
    """Return when an id was made: UUIDv7 carries the millisecond (RFC 9562, section 5.7)."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, tz=UTC)


def end_of_unit(unit_id: UUID, *, on: date, at: datetime, actor: str) -> None:
    """End every post of a unit that is closed on that day."""
    posts = Post.objects.filter(unit_id=unit_id).values("id")
    rows = list(
        Appointment.objects.select_for_update().filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=on), post_id__in=posts
        )
    )
    if rows:
        _end(rows, on=on, act="end", at=at, actor=actor)


def _locked(id: UUID) -> Appointment:
    row = Appointment.objects.select_for_update().filter(id=id).first()
    if row is None:
        raise UnknownPerson(person=str(id))
    return row


def _end(
    rows: Collection[Appointment],
    *,
    on: date,
    act: str,
    at: datetime,
    actor: str,
    leaving: bool = True,
) -> None:
    touch("appointment", [row.id for row in rows], at=at, actor=actor)
    for row in rows:
        # One that had not begun yet is left with no day in it.
        row.valid_to = max(on, row.valid_from)
    Appointment.objects.bulk_update(rows, ["valid_to"], batch_size=1000)
    leave("appointment", act, [row.id for row in rows], at=at, actor=actor, on=on.isoformat())
    given = {(row.person_id, row.post_id) for row in rows}
    end_delegations_of(given, on=on, at=at, actor=actor)
    if leaving:
        tell_leavers({row.person_id for row in rows}, on=on, at=at, actor=actor)


def tell_leavers(person_ids: Iterable[UUID], *, on: date, at: datetime, actor: str) -> list[UUID]:
    """Publish ``PersonLeft`` for those who hold nothing from that day on; return them.

    Of a day to come nothing is told yet; ``tell_leavers_due`` does when it has come.
    """
    wanted = set(person_ids)
    staying = set(
        Appointment.objects.filter(
            # One left without a day in it, though of days to come, keeps nobody.
            Q(valid_to__isnull=True) | Q(valid_to__gt=on) & Q(valid_to__gt=F("valid_from")),
            person_id__in=wanted,
        ).values_list("person_id", flat=True)
    )
    gone = sorted(wanted - staying)
    if gone:
        end_delegations_of({(id, None) for id in gone}, on=on, at=at, actor=actor)
        if on <= local_day(at):
            publish(LIVE, *(PersonLeft(person_id=id, on=on) for id in gone), at=at)
    return gone


def tell_leavers_due(*, at: datetime) -> int:
    """Publish ``PersonLeft`` for those whose last post ended by the calendar since the last time.

    The worker asks now and then; within a day the second question costs one look at one row.
    """
    today = local_day(at)
    with transaction.atomic():
        row, new = OrganisationVersion.objects.select_for_update().get_or_create(
            id=_DAY_ROW, defaults={"number": today.toordinal()}
        )
        told = date.fromordinal(row.number)
        if new or told >= today:
            return 0
        ended = Appointment.objects.filter(
            Q(valid_to__gt=F("valid_from")), valid_to__gt=told, valid_to__lte=today
        )
        people = set(ended.values_list("person_id", flat=True))
        gone = tell_leavers(people, on=today, at=at, actor="system") if people else []
        row.number = today.toordinal()
        row.save(update_fields=["number"])
        return len(gone)
