"""A citizen contests a look at her record: somebody who did not look must answer her, in time.

The head of the looker's unit, or of one above it, answers; never whoever looked, nor for whom that
was done by delegation, nor whom a fresh appointment binds to the looker. Who is told of it and by
which notice is the portal's to join; here is what holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from guantong.access.approval import ANSWERING_POSTS, MOST_WORDS
from guantong.access.decision import Decision
from guantong.access.errors import AnsweredAlready, ContestedAlready, ReasonMissing
from guantong.access.look_models import Look
from guantong.access.looks import LookView
from guantong.access.resident_models import Contest
from guantong.access.thing import Thing
from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.clock import local_day, machine_now
from guantong.base.ids import new_id
from guantong.base.realm import Realm
from guantong.base.working_days import add_working_days
from guantong.orgs.api import bound_by_appointing, stood_in_for_each

# Personal Information Protection Law, art. 50, asks for a convenient way to exercise one's rights
# and reasons for a refusal, and names no time; five working days are ours.
ANSWER_WORKING_DAYS = 5
OUTCOMES = ("founded", "unfounded")
_ZONE = ZoneInfo("Asia/Shanghai")

_AFTER = (
    "jsonb_build_object('look', c.look_id, 'citizen', c.citizen_id, 'outcome', c.outcome,"
    " 'by', c.answered_by, 'digest', encode(sha256(convert_to(concat_ws('|', c.why, c.answer,"
    " c.unit_ids::text, extract(epoch from c.answer_by)), 'UTF8')), 'hex'))"
)
bring_witness(
    Witness(kind="contest", sql=f"select c.id, {_AFTER} as after from access_contest c")  # noqa: S608
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestView:
    """One contest and what became of it."""

    id: UUID
    realm: Realm
    look_id: UUID
    looker_id: UUID
    citizen_id: UUID
    unit_ids: tuple[UUID, ...]
    division_code: str | None
    why: str
    asked_at: datetime
    answer_by: datetime
    outcome: str
    answer: str
    answered_by: UUID | None
    answered_at: datetime | None
    # Whose delegated posts the looker held that day: the look counts as theirs, too (promise P2).
    stood_in_for: tuple[UUID, ...] = ()
    # Whom a fresh appointment binds to the looker: none of them is a second person.
    bound: frozenset[UUID] = frozenset()

    @property
    def thing(self) -> Thing:
        """Return the contest as a thing to be answered by the heads of its units."""
        return Thing(
            kind="look", division_code=self.division_code, unit_ids=self.unit_ids,
            doers=(self.looker_id, *self.stood_in_for), bound=tuple(sorted(self.bound)),
            posts=ANSWERING_POSTS, object_id=self.id,
        )  # fmt: skip


def answer_limit(at: datetime) -> datetime:
    """Return until when a contest of that moment must be answered: the end of the fifth day."""
    day: date = add_working_days(local_day(at), ANSWER_WORKING_DAYS)
    return datetime.combine(day, time(18), tzinfo=_ZONE)


def contest(
    read: Decision, look: LookView, *, realm: Realm, units: Sequence[UUID], why: str, at: datetime
) -> ContestView:
    """Contest a look at the own record; ``read`` is the decision that it is the own one."""
    assert read.allowed, "only who may read a look may contest it"
    assert read.actor.person_id is not None, "a citizen is a person"
    why = why.strip()
    if not why or len(why) > MOST_WORDS:
        raise ReasonMissing(most=MOST_WORDS)
    row = Contest(
        id=new_id(), realm=realm, look_id=look.id, looker_id=look.person_id,
        citizen_id=read.actor.person_id, unit_ids=list(dict.fromkeys(units)),
        division_code=read.thing.division_code, why=why, asked_at=at, answer_by=answer_limit(at),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            _leaf("contest", row.id, realm, actor=read.actor.account, at=at)
    except IntegrityError:
        raise ContestedAlready from None
    return _views([row])[0]


def answer_contest(
    asked: Decision, view: ContestView, *, founded: bool, answer: str, at: datetime
) -> None:
    """Answer a contest; ``asked`` is the decision that allows this person to."""
    assert asked.allowed, "the decision allows the answer"
    assert asked.thing.object_id == view.id, "it is about this contest"
    answer = answer.strip()
    if not answer or len(answer) > MOST_WORDS:
        raise ReasonMissing(most=MOST_WORDS)
    with transaction.atomic():
        moved = Contest.objects.filter(id=view.id, outcome="").update(
            outcome="founded" if founded else "unfounded", answer=answer,
            answered_by=asked.actor.person_id, answered_at=at,
        )  # fmt: skip
        if not moved:
            raise AnsweredAlready
        actor = f"person:{asked.actor.person_id}"
        _leaf("answer", view.id, view.realm, actor=actor, at=at)


def contest_by_id(id: UUID) -> ContestView | None:
    """Return one contest."""
    row = Contest.objects.filter(id=id).first()
    return None if row is None else _views([row])[0]


def contests_of(citizen_id: UUID, look_ids: Iterable[UUID]) -> dict[UUID, ContestView]:
    """Return the citizen's own contests of these looks, by look."""
    rows = Contest.objects.filter(citizen_id=citizen_id, look_id__in=list(look_ids))
    return {view.look_id: view for view in _views(rows)}


def contests_for(units: Iterable[UUID], *, most: int = 100) -> list[ContestView]:
    """Return the contests that heads of these units may answer, the open and the newest first.

    About a record of whatever realm: who contests waits in the real one.
    """
    rows = Contest.objects.filter(unit_ids__overlap=list(units)).annotate(is_open=Q(outcome=""))
    return _views(rows.order_by("-is_open", "-asked_at")[:most])


def let_answer(id: UUID, units: Iterable[UUID], *, at: datetime) -> None:
    """Let the heads of more units answer an open contest: those whose heads could are gone."""
    with transaction.atomic():
        row = Contest.objects.select_for_update().filter(id=id, outcome="").first()
        more = [] if row is None else [unit for unit in units if unit not in row.unit_ids]
        if row is None or not more:
            return
        row.unit_ids = [*row.unit_ids, *more]
        row.save(update_fields=["unit_ids"])
        _leaf("hand_on", id, Realm(row.realm), actor="system", at=at)


def others_in(look: LookView) -> frozenset[UUID]:
    """Return who besides the looker answers no contest of a look."""
    stood, bound = _others([(look.person_id, look.unit_id, look.at)])[0]
    return frozenset(stood) | bound


def _others(
    looks: Sequence[tuple[UUID, UUID | None, datetime]],
) -> list[tuple[tuple[UUID, ...], frozenset[UUID]]]:
    """Return whom each look was made for by delegation, and whom its looker is bound to."""
    bound = bound_by_appointing({person for person, _, _ in looks}, at=machine_now())
    # A look without a unit was made in no post, so in nobody's place: no post is of that unit.
    stood = stood_in_for_each(
        [(person, unit or person, local_day(at)) for person, unit, at in looks]
    )
    return [(stood[n], bound[person]) for n, (person, _, _) in enumerate(looks)]


def _views(rows: Iterable[Contest]) -> list[ContestView]:
    """Return contests with who answers none of them; three queries for any number."""
    found = list(rows)
    if not found:
        return []
    looks = Look.objects.in_bulk([row.look_id for row in found])
    made = [looks[row.look_id] for row in found]
    others = _others([(look.person_id, look.unit_id, look.at) for look in made])
    return [
        replace(_view(row), stood_in_for=stood, bound=bound)
        for row, (stood, bound) in zip(found, others, strict=True)
    ]


def _view(row: Contest) -> ContestView:
    return ContestView(
        id=row.id, realm=Realm(row.realm), look_id=row.look_id, looker_id=row.looker_id,
        citizen_id=row.citizen_id, unit_ids=tuple(row.unit_ids), division_code=row.division_code,
        why=row.why, asked_at=row.asked_at, answer_by=row.answer_by, outcome=row.outcome,
        answer=row.answer, answered_by=row.answered_by, answered_at=row.answered_at,
    )  # fmt: skip


def _leaf(act: str, id: UUID, realm: Realm, *, actor: str, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select ({_AFTER})::text from access_contest c where c.id = %s",  # noqa: S608
            [id],
        )
        after = orjson.loads(cursor.fetchone()[0])
    write([Leaf(realm=realm, at=at, actor=actor, act=act, kind="contest", object_id=id,
                body={"after": after})])  # fmt: skip
