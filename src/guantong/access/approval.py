"""Sealed fields (class L4) are opened by a second person, for one purpose and a while.

Whoever may read a record may ask to see its sealed fields, and says what for. A head of the unit
that holds the record, or of its superior, answers; never the asker, nor who acts for the asker.
What was approved opens these fields of this record to this person for this purpose, until its
time is over or one of the two takes it back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction

from guantong.access.actor import Actor
from guantong.access.decision import Decision
from guantong.access.errors import AskedAlready, NotAPurpose, NotOpen, ReasonMissing
from guantong.access.fields import L4, PURPOSES
from guantong.access.look_models import Approval
from guantong.access.thing import Thing
from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.clock import machine_now
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.orgs.api import bound_by_appointing

# Posts that answer for their unit when somebody else's sealed data are to be seen.
ANSWERING_POSTS = ("head", "deputy_head")
# For how long fields may be opened; ours: long enough for one matter, never a standing right.
HOURS = (1, 4, 24, 72)
MOST_WORDS = 500

_AFTER = (
    "jsonb_build_object('state', a.state, 'purpose', a.purpose, 'asker', a.asker_id,"
    " 'by', a.decided_by, 'digest', encode(sha256(convert_to(concat_ws('|', a.kind, a.object_id,"
    " a.unit_ids::text, a.why, a.answer, a.hours, extract(epoch from a.asked_at),"
    " extract(epoch from a.valid_until)), 'UTF8')), 'hex'))"
)
bring_witness(
    Witness(kind="look", sql=f"select a.id, {_AFTER} as after from access_approval a")  # noqa: S608
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    """One request to see sealed fields, and what became of it."""

    id: UUID
    realm: Realm
    kind: str
    object_id: UUID
    division_code: str | None
    unit_ids: tuple[UUID, ...]
    title_zh: str
    title_en: str
    href: str
    asker_id: UUID
    purpose: str
    why: str
    hours: int
    asked_at: datetime
    state: str
    decided_by: UUID | None
    decided_at: datetime | None
    answer: str
    valid_until: datetime | None
    # Whom a fresh appointment binds to the asker: none of them is a second person.
    bound: frozenset[UUID] = frozenset()

    @property
    def thing(self) -> Thing:
        """Return the request as a thing to be answered by the heads of its units."""
        return Thing(
            kind="look",
            division_code=self.division_code,
            unit_ids=self.unit_ids,
            doers=(self.asker_id,),
            bound=tuple(sorted(self.bound)),
            posts=ANSWERING_POSTS,
            object_id=self.id,
            owner=self.asker_id,
        )

    def title(self, language: str) -> str:
        """Return what the record is called."""
        return self.title_zh if language == "zh-CN" else self.title_en

    def stands(self, at: datetime) -> bool:
        """Say whether the fields are open at that time."""
        return self.state == "approved" and self.valid_until is not None and at < self.valid_until


def ask_to_see(
    read: Decision,
    *,
    units: Sequence[UUID],
    titles: tuple[str, str],
    href: str,
    purpose: str,
    why: str,
    hours: int,
    at: datetime,
) -> UUID:
    """Ask to see the sealed fields of a record that ``read`` allows to be read; return the request.

    ``units`` are those whose heads may answer, the nearest first.
    """
    assert read.allowed, "only who may read a record may ask for its sealed fields"
    thing, actor = read.thing, read.actor
    assert thing.object_id is not None, "sealed fields are those of one record"
    assert actor.person_id is not None, "a person asks"
    if purpose not in PURPOSES:
        raise NotAPurpose(purpose=purpose)
    why = why.strip()
    if not why or len(why) > MOST_WORDS:
        raise ReasonMissing(most=MOST_WORDS)
    row = Approval(
        id=new_id(), realm=read.realm, kind=thing.kind, object_id=thing.object_id,
        division_code=thing.division_code, unit_ids=list(dict.fromkeys(units)),
        title=titles[0], title_en=titles[1], href=href, asker_id=actor.person_id,
        purpose=purpose, why=why, hours=hours if hours in HOURS else HOURS[0], asked_at=at,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _leaf(row.id, "ask", actor, read.realm, at)
    except IntegrityError:
        raise AskedAlready from None
    return row.id


def answer_request(
    asked: Decision, view: ApprovalView, *, approve: bool, note: str, at: datetime
) -> None:
    """Approve or refuse a request; ``asked`` is the decision that allows this person to."""
    assert asked.allowed, "the decision allows the answer"
    assert asked.thing.object_id == view.id, "it is about this request"
    by = asked.actor.person_id
    until = at + timedelta(hours=view.hours) if approve else None
    _move(
        view, ("asked",), "approved" if approve else "refused", asked.actor, at,
        decided_by=by, decided_at=at, answer=note.strip()[:MOST_WORDS], valid_until=until,
    )  # fmt: skip


def take_back_request(asked: Decision, view: ApprovalView, *, at: datetime) -> None:
    """Take back a request, or what was approved: at once nothing is open any more."""
    assert asked.allowed, "the decision allows it to be taken back"
    _move(view, ("asked", "approved"), "withdrawn", asked.actor, at)


def _move(
    view: ApprovalView, states: tuple[str, ...], state: str, actor: Actor, at: datetime,
    **values: object,
) -> None:  # fmt: skip
    with transaction.atomic():
        moved = Approval.objects.filter(id=view.id, state__in=states).update(state=state, **values)
        if not moved:
            raise NotOpen(state=view.state)
        act = {"approved": "approve", "refused": "refuse_look", "withdrawn": "withdraw"}[state]
        _leaf(view.id, act, actor, view.realm, at)


def _leaf(id: UUID, act: str, actor: Actor, realm: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select ({_AFTER})::text from access_approval a where a.id = %s",  # noqa: S608 - a constant
            [id],
        )
        after = cursor.fetchone()[0]
    body = {"after": orjson.loads(after)}
    write([Leaf(realm=realm, at=at, actor=f"person:{actor.person_id}", act=act, kind="look",
                object_id=id, body=body)])  # fmt: skip


def approval(id: UUID) -> ApprovalView | None:
    """Return one request."""
    row = Approval.objects.filter(id=id).first()
    return None if row is None else _views([row])[0]


def approvals(
    realm: Realm,
    *,
    asker: UUID | None = None,
    units: Iterable[UUID] = (),
    state: str | None = None,
    most: int = 100,
) -> list[ApprovalView]:
    """Return requests of one person, or those that units may answer, newest first."""
    rows = Approval.objects.filter(realm=realm).order_by("-asked_at")
    if asker is not None:
        rows = rows.filter(asker_id=asker)
    else:
        rows = rows.filter(unit_ids__overlap=list(units))
    if state is not None:
        rows = rows.filter(state=state)
    return _views(rows[:most])


def opened(actor: Actor, thing: Thing, purpose: str | None, *, at: datetime) -> frozenset[str]:
    """Return the classes that a second person opened to this actor for this purpose, if any."""
    return frozenset() if opened_by(actor, thing, purpose, at=at) is None else frozenset({L4})


def opened_by(actor: Actor, thing: Thing, purpose: str | None, *, at: datetime) -> UUID | None:
    """Return the request by which sealed fields are open now; one query."""
    if thing.object_id is None or actor.person_id is None or purpose not in PURPOSES:
        return None
    return (
        Approval.objects.filter(
            asker_id=actor.person_id, kind=thing.kind, object_id=thing.object_id, purpose=purpose,
            state="approved", valid_until__gt=at,
        )
        .order_by("-valid_until")
        .values_list("id", flat=True)
        .first()
    )  # fmt: skip


def _views(rows: Iterable[Approval]) -> list[ApprovalView]:
    found = list(rows)
    bound = bound_by_appointing({row.asker_id for row in found}, at=machine_now()) if found else {}
    return [replace(_view(row), bound=bound[row.asker_id]) for row in found]


def _view(row: Approval) -> ApprovalView:
    return ApprovalView(
        id=row.id, realm=Realm(row.realm), kind=row.kind, object_id=row.object_id,
        division_code=row.division_code, unit_ids=tuple(row.unit_ids),
        title_zh=row.title, title_en=row.title_en, href=row.href, asker_id=row.asker_id,
        purpose=row.purpose, why=row.why, hours=row.hours, asked_at=row.asked_at, state=row.state,
        decided_by=row.decided_by, decided_at=row.decided_at, answer=row.answer,
        valid_until=row.valid_until,
    )  # fmt: skip
