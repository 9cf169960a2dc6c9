"""What actors of an exercise do, instant by instant: the same verbs that people use.

A task given out is received, read, accepted (or refused), completed and, where it must be,
verified by somebody else. Errands of one instant and one act go through one call of the verb.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from guantong.base.clock import organisation_day
from guantong.base.hashing import plain as plain_number
from guantong.base.realm import Realm, is_exercise
from guantong.feel.api import parse
from guantong.flows import api as flows
from guantong.flows.api import Duty
from guantong.orgs.api import duty_people
from guantong.packages.actors import Behaviour, read_behaviours, tick
from guantong.packages.package import Package

# Of things due at one instant, in this order: what is sent reaches people before they act.
ACTS = ("receive", "read", "accept", "complete", "verify", "dispatch_anew")


def on_tasks_dispatched(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Let the actors of an exercise receive what was given out; in the live realm, nobody does."""
    if is_exercise(realm):
        _plan("receive", realm, flows.duties(realm, fact["task_ids"]), after=written_at)


def on_tasks_sent_back(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Let the superior give out anew what was sent back."""
    if is_exercise(realm):
        _plan("dispatch_anew", realm, flows.duties(realm, fact["task_ids"]), after=written_at)


def run(realm: Realm, at: datetime) -> None:
    """Run the errands that are due, act by act: what is sent reaches people before they act.

    The errands, what they do and the errands that follow are one transaction.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from packages_errand where realm = %s and due_at <= %s"
                " returning act, seq, task_ids",
                [realm, at],
            )
            found = sorted(cursor.fetchall(), key=lambda row: (ACTS.index(row[0]), row[1]))
        for act in ACTS:
            ids = [id for of, _, task_ids in found if of == act for id in task_ids]
            if ids:
                _DO[act](realm, flows.duties(realm, ids), at)


def _receive(realm: Realm, duties: Sequence[Duty], at: datetime) -> None:
    flows.receive(realm, _holders(realm, duties, at), at=at)
    _plan("read", realm, duties, after=at)


def _read(realm: Realm, duties: Sequence[Duty], at: datetime) -> None:
    flows.read(realm, _holders(realm, duties, at), at=at)
    _plan("accept", realm, duties, after=at)


def _accept(realm: Realm, duties: Sequence[Duty], at: datetime) -> None:
    refused: dict[str, list[Duty]] = {}
    taken: list[Duty] = []
    for duty in duties:
        behaviour = _played(duty)
        # What a person has taken on meanwhile, an actor does not send back over his head.
        refuses = behaviour.refuses(_drawn_by(duty), sent_back_times=duty.sent_back_times)
        if refuses and duty.state == "dispatched":
            refused.setdefault(behaviour.refuse_why, []).append(duty)
        else:
            taken.append(duty)
    for why, some in sorted(refused.items()):
        flows.send_back(realm, _holders(realm, some, at), reason=why, at=at)
    flows.accept(realm, _holders(realm, taken, at), at=at)
    _plan("complete", realm, _in(realm, taken, "accepted", "handling"), after=at)


def _complete(realm: Realm, duties: Sequence[Duty], at: datetime) -> None:
    plain = [duty for duty in duties if not _played(duty).answers]
    flows.complete(realm, _holders(realm, plain, at), at=at)
    for duty in duties:
        if duty not in plain:
            answers = written(_played(duty).answers, flows.variables(realm, duty.case_id))
            flows.complete(realm, _holders(realm, [duty], at), at=at, answers=answers)
    to_verify = [d for d in _in(realm, plain, "completed") if d.verifier_id is not None]
    _plan("verify", realm, to_verify, after=at)


def _verify(realm: Realm, duties: Sequence[Duty], at: datetime) -> None:
    flows.verify(realm, _verifiers(realm, duties, at), at=at)
    # A person may have rejected the work meanwhile: then its doer does it again.
    _plan("complete", realm, _in(realm, duties, "accepted"), after=at)


def _dispatch_anew(realm: Realm, duties: Sequence[Duty], at: datetime) -> None:
    flows.dispatch_anew(realm, dict.fromkeys(duty.id for duty in duties), at=at)


def _in(realm: Realm, duties: Sequence[Duty], *states: str) -> list[Duty]:
    """Return those of ``duties`` that are in one of the states now, whoever brought them there."""
    now = flows.duties(realm, [duty.id for duty in duties])
    return [duty for duty in now if duty.state in states]


_DO = {
    "receive": _receive, "read": _read, "accept": _accept, "complete": _complete,
    "verify": _verify, "dispatch_anew": _dispatch_anew,
}  # fmt: skip


def _plan(act: str, realm: Realm, duties: Iterable[Duty], *, after: datetime) -> int:
    """Write down what actors will do next, and return for how many tasks somebody will act.

    Tasks due at the same instant share one errand.
    """
    due: dict[datetime, list[UUID]] = {}
    for duty in duties:
        behaviour = behaviour_of(duty)
        if behaviour is None or not _is_played(act, duty, behaviour):
            continue  # the scenario says who acts, or people do
        at = tick(after + behaviour.delay(act, _drawn_by(duty)))
        due.setdefault(at, []).append(duty.id)
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into packages_errand (realm, due_at, act, task_ids) values (%s, %s, %s, %s)",
            [(realm, at, act, ids) for at, ids in sorted(due.items())],
        )
    return sum(map(len, due.values()))


def _drawn_by(duty: Duty) -> str:
    """Return what chance is drawn from: day, county and duty; not the installation, not the realm.

    So the same exercise goes the same way on every machine.
    """
    number, _, rest = duty.key.partition("/")
    return "/".join([*number.split("-")[-3:], rest])


def _holders(realm: Realm, duties: Sequence[Duty], at: datetime) -> dict[UUID, UUID | None]:
    people = people_of(realm, {duty.unit_id for duty in duties}, at)
    return {
        duty.id: flows.choose(people[duty.unit_id], without=[duty.finder_id, duty.opener_id])
        for duty in duties
    }


def _verifiers(realm: Realm, duties: Sequence[Duty], at: datetime) -> dict[UUID, UUID | None]:
    people = people_of(realm, {d.verifier_id for d in duties if d.verifier_id is not None}, at)
    return {
        duty.id: flows.choose(
            people[duty.verifier_id], without=[duty.doer_id, duty.finder_id, duty.opener_id]
        )
        for duty in duties
        if duty.verifier_id is not None
    }


# The staff of the day an exercise was started, unit by unit, as this process has read it: an
# exercise asks for the same few thousand units a hundred thousand times.
_staff: dict[tuple[date, UUID], tuple[UUID, ...]] = {}


def people_of(realm: Realm, unit_ids: set[UUID], at: datetime) -> dict[UUID, tuple[UUID, ...]]:
    """Return who acts for each unit in an exercise, whoever is on duty first."""
    on = organisation_day(realm, at)
    unknown = [unit for unit in unit_ids if (on, unit) not in _staff]
    if unknown:
        _staff.update({(on, unit): found for unit, found in duty_people(unknown, on=on).items()})
    return {unit: _staff[on, unit] for unit in unit_ids}


def written(texts: Mapping[str, str], variables: Mapping[str, Any]) -> dict[str, object]:
    """Return what is written into a form: text, or FEEL (``= …``) over the case's variables."""
    answers: dict[str, object] = {}
    for field, text in texts.items():
        formula = text.startswith("=")
        answers[field] = plain_number(parse(text[1:]).evaluate(variables)) if formula else text
    return answers


_behaviours: dict[str, Mapping[str, Behaviour]] = {}
# The units in which real people take part, for each package that is played.
_people: dict[str, frozenset[UUID]] = {}


def cast(
    package: Package, actors: Sequence[Mapping[str, object]], *, people: Collection[UUID] = ()
) -> None:
    """Make the actors of a package's scenario known to this process.

    In the units ``people`` nobody is played: real people act there.
    """
    _behaviours[package.id] = read_behaviours(actors)
    _people[package.id] = frozenset(people)


def go_on_after_people(realm: Realm, at: datetime) -> int:
    """Let actors go on with what people left to them; return how many tasks that was.

    Actors plan their next act when they have done the one before. What a person completed for an
    actor to verify, or sent back to an actor as not good enough, nobody has planned yet.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select distinct unnest(task_ids) from packages_errand where realm = %s", [realm]
            )
            planned = {id for (id,) in cursor.fetchall()}
        left = [
            duty
            for duty in flows.duties_in(realm, ("accepted", "handling", "completed"))
            if duty.id not in planned
        ]
        to_verify = [d for d in left if d.state == "completed" and d.verifier_id is not None]
        to_complete = [d for d in left if d.state != "completed"]
        return _plan("verify", realm, to_verify, after=at) + _plan(
            "complete", realm, to_complete, after=at
        )


def _is_played(act: str, duty: Duty, behaviour: Behaviour) -> bool:
    people = _people[duty.package]
    if act == "verify":
        return behaviour.verify is not None and duty.verifier_id not in people
    # What was sent back is given out anew by the unit above, which an actor plays.
    return act == "dispatch_anew" or duty.unit_id not in people


def behaviour_of(duty: Duty) -> Behaviour | None:
    """Return how the actor of a task behaves; None where the scenario names nobody for it."""
    return _behaviours[duty.package].get(duty.item)


def _played(duty: Duty) -> Behaviour:
    found = behaviour_of(duty)
    assert found is not None, "an errand is planned only for a task somebody plays"
    return found
