"""What actors of an exercise do, instant by instant: the same verbs that people use.

A task given out is received, read, accepted (or refused), completed and, where it must be,
verified by somebody else. Errands of one instant and one act go through one call of the verb.
"""

from collections.abc import Iterable, Mapping, Sequence
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
        behaviour = _behaviour(duty)
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
    plain = [duty for duty in duties if not _behaviour(duty).answers]
    flows.complete(realm, _holders(realm, plain, at), at=at)
    for duty in duties:
        if duty not in plain:
            answers = _answers(realm, duty)
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


def _plan(act: str, realm: Realm, duties: Iterable[Duty], *, after: datetime) -> None:
    """Write down what actors will do next; tasks due at the same instant share one errand."""
    due: dict[datetime, list[UUID]] = {}
    for duty in duties:
        at = tick(after + _behaviour(duty).delay(act, _drawn_by(duty)))
        due.setdefault(at, []).append(duty.id)
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into packages_errand (realm, due_at, act, task_ids) values (%s, %s, %s, %s)",
            [(realm, at, act, ids) for at, ids in sorted(due.items())],
        )


def _drawn_by(duty: Duty) -> str:
    """Return what chance is drawn from: day, county and duty; not the installation, not the realm.

    So the same exercise goes the same way on every machine.
    """
    number, _, rest = duty.key.partition("/")
    return "/".join([*number.split("-")[-3:], rest])


def _holders(realm: Realm, duties: Sequence[Duty], at: datetime) -> dict[UUID, UUID | None]:
    people = _people(realm, {duty.unit_id for duty in duties}, at)
    return {
        duty.id: flows.choose(people[duty.unit_id], without=[duty.finder_id, duty.opener_id])
        for duty in duties
    }


def _verifiers(realm: Realm, duties: Sequence[Duty], at: datetime) -> dict[UUID, UUID | None]:
    people = _people(realm, {d.verifier_id for d in duties if d.verifier_id is not None}, at)
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


def _people(realm: Realm, unit_ids: set[UUID], at: datetime) -> dict[UUID, tuple[UUID, ...]]:
    on = organisation_day(realm, at)
    unknown = [unit for unit in unit_ids if (on, unit) not in _staff]
    if unknown:
        _staff.update({(on, unit): found for unit, found in duty_people(unknown, on=on).items()})
    return {unit: _staff[on, unit] for unit in unit_ids}


def _answers(realm: Realm, duty: Duty) -> dict[str, object]:
    """Return what the actor writes into the form: text, or FEEL over the case's variables."""
    variables = flows.variables(realm, duty.case_id)
    answers: dict[str, object] = {}
    for field, text in _behaviour(duty).answers.items():
        written = text.startswith("=")
        answers[field] = plain_number(parse(text[1:]).evaluate(variables)) if written else text
    return answers


_behaviours: dict[str, Mapping[str, Behaviour]] = {}


def cast(package: Package, actors: Sequence[Mapping[str, object]]) -> None:
    """Make the actors of a package's scenario known to this process."""
    _behaviours[package.id] = read_behaviours(actors)


def _behaviour(duty: Duty) -> Behaviour:
    return _behaviours[duty.package][duty.item]
