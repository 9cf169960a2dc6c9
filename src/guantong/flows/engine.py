"""The tokens of a case: ``bpmn`` says what a step means, here its effects become rows.

Each advance is one transaction: the case's row is locked, the step is taken, tasks, timers and
service calls follow, and a leaf is left. A service that is done at once lets the case go on
in the same transaction; one that waits is asked again when what it waits for has happened.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from guantong.base.errors import NotFound
from guantong.base.ids import new_id
from guantong.base.outbox import publish
from guantong.base.realm import Realm
from guantong.bpmn import api as bpmn
from guantong.flows import steps
from guantong.flows.case_role import CaseRole
from guantong.flows.dispatch import NewTask, give_out
from guantong.flows.errors import AnswersIncomplete
from guantong.flows.events import CaseClosed
from guantong.flows.opening import opened_by
from guantong.flows.process import Process, process_of
from guantong.flows.task import SETTLED
from guantong.flows.trail import CASE_AFTER, leave, person
from guantong.flows.walked import tell_walked

# An advance calls services until all wait; a process that never waits is a fault of its file.
MOST_SERVICE_CALLS = 100


@dataclass(slots=True)
class OpenCase:
    """A case whose row this transaction holds. ``data`` are the variables of the process."""

    id: UUID
    realm: Realm
    number: str
    package: str
    process: Process
    matter: str
    division_code: str
    state: bpmn.State
    data: dict[str, Any]
    level: str
    at: datetime
    finished: bool = False
    called: list[bpmn.ServiceCalled] = field(default_factory=list)


def lock(realm: Realm, case_id: UUID, *, at: datetime) -> OpenCase | None:
    """Lock the row of an open case; None when it is closed already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select number, package, process, matter, division_code, tokens::text, data::text,"
            " level, state, release from flows_case where id = %s and realm = %s for update",
            [case_id, realm],
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound(what=str(case_id))
    number, package, process, matter, division, tokens, data, level, state, release = row
    if state != "open":
        return None
    return OpenCase(
        id=case_id, realm=realm, number=number, package=package,
        process=process_of(package, process, release), matter=matter, division_code=division,
        state=bpmn.State.from_json(orjson.loads(tokens)), data=orjson.loads(data), level=level,
        at=at,
    )  # fmt: skip


def hold_cases(task_ids: Collection[UUID]) -> None:
    """Lock the cases of tasks: first the case, then its tasks and timers, everywhere.

    Several cases are locked in the order in which the brain changes them, so that no two
    transactions ever wait for each other. Whoever holds a case publishes its facts in order.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from flows_case where id in (select case_id from flows_task"
            " where id = any(%s)) order by division_code, matter, id for update",
            [list(task_ids)],
        )


def start(case: OpenCase, *, by: UUID | None = None) -> None:
    """Put the first token on the process and let it walk; ``by`` is the person who opened it."""
    _take(case, bpmn.begin(case.process.graph, case.data))
    _serve(case)
    save(case, act="open", by=by)


def go_on(case: OpenCase, token: int, *, act: str) -> None:
    """Let the case go on from a token whose work is done; a token already gone changes nothing."""
    if case.state.token(token) is None:
        return
    _take(case, bpmn.complete(case.process.graph, case.state, token, case.data))
    _serve(case)
    save(case, act=act)


def go_off(case: OpenCase, token: int, boundary: str) -> None:
    """Let a boundary timer go off; one whose task is done already changes nothing."""
    if case.state.token(token) is None:
        return
    _take(case, bpmn.fire_boundary(case.process.graph, case.state, token, boundary, case.data))
    _serve(case)
    save(case, act="timer")


def ask_again(case: OpenCase, *, act: str) -> None:
    """Ask the services that wait whether what they wait for has happened, and keep what is new."""
    nodes = case.process.graph.nodes
    case.called += [
        bpmn.ServiceCalled(token.id, token.node)
        for token in case.state.tokens
        if token.waiting and nodes[token.node].kind is bpmn.Kind.SERVICE
    ]
    _serve(case)
    save(case, act=act)


def after_tasks(realm: Realm, task_ids: Sequence[UUID], *, at: datetime) -> None:
    """Let cases go on whose steps were just done, or whose last task was just settled."""
    if not task_ids:
        return
    with connection.cursor() as cursor:
        # Two people may settle the last two tasks of a case at once. The verb holds the case's
        # row, so whoever comes second sees both, and the case does not wait for ever.
        cursor.execute(
            "select t.case_id, t.token, t.item, t.doer_id, t.answers::text, t.kind = 'step',"
            " c.awaits"
            " from flows_task t join flows_case c on c.id = t.case_id"
            " where t.id = any(%s) and (t.kind = 'step' and t.state = 'closed_out'"
            # Of a case that waits for its tasks, only the last one matters.
            "   or c.awaits like '%%tasks%%' and not exists (select from flows_task x"
            "      where x.case_id = t.case_id and x.kind = 'plan' and x.state <> all(%s)))"
            " order by t.key",
            [list(task_ids), list(SETTLED)],
        )
        rows = cursor.fetchall()
    waiting: dict[UUID, None] = {}
    for case_id, token, item, doer, answers, is_step, _ in rows:
        if not is_step:
            waiting[case_id] = None
            continue
        case = lock(realm, case_id, at=at)
        if case is not None:
            given = orjson.loads(answers)
            _check_answers(case, item, given)
            case.data |= given
            if "response_level" in given:
                # What the people who decided knew; the alert may move on while they sign.
                case.data["decided_level"] = case.data.get("alert_level")
            case.data.setdefault("doers", {})[item] = str(doer) if doer else None
            times = case.data.setdefault("times", {})
            times[item] = times.get(item, 0) + 1
            case.data["last_doer"] = str(doer) if doer else None
            go_on(case, token, act=f"done:{item}")
    for case_id in waiting:
        case = lock(realm, case_id, at=at)
        if case is not None:
            ask_again(case, act="tasks_settled")


def call_back(case: OpenCase) -> None:
    """Take a case that was winding up back to where it watches its alert: the danger is back.

    Steps under way are withdrawn and timers cancelled; what was done stays done.
    """
    nodes = case.process.graph.nodes.values()
    watch = next((node for node in nodes if node.service == "watch_alert"), None)
    if watch is None:
        return
    steps.withdraw(case, "t.kind = 'step'", {}, states=("dispatched", "accepted", "handling"))
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_timer set state = 'cancelled' where case_id = %s and state = 'waiting'",
            [case.id],
        )
    token = bpmn.Token(case.state.next_id, watch.id, None, waiting=True)
    case.state = bpmn.State((token,), case.state.next_id + 1)
    case.data["decided_level"] = "none"


def _check_answers(case: OpenCase, item: str, given: Mapping[str, object]) -> None:
    """Refuse a step reported done without what its form asks for."""
    form = case.process.forms.get(case.process.graph.nodes[item].form or "")
    missing = [q.name for q in form.fields if q.required and q.name not in given] if form else []
    if missing:
        raise AnswersIncomplete(item=item, fields=", ".join(missing))


def save(case: OpenCase, *, act: str, by: UUID | None = None) -> None:
    """Write the case back with its leaf; a finished one is closed and told."""
    awaits = " ".join(sorted(steps.awaited(case.process.graph, case.state)))
    outcome = str(case.data.get("outcome", "")) if case.finished else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_case c set tokens = %s::jsonb, data = %s::jsonb, level = %s, awaits = %s,"  # noqa: S608
            " state = %s, outcome = %s, closed_at = %s"
            f" where id = %s returning {CASE_AFTER}::text",
            [
                orjson.dumps(case.state.to_json()).decode(), orjson.dumps(case.data).decode(),
                case.level, awaits, "closed" if case.finished else "open", outcome,
                case.at if case.finished else None, case.id,
            ],
        )  # fmt: skip
        after = cursor.fetchone()[0]
    actor = person(by, f"process:{case.process.id}")
    leave(case.realm, "case", act, [(case.id, actor, after)], at=case.at)
    if case.finished:
        publish(
            case.realm,
            CaseClosed(
                case_id=str(case.id), package=case.package, matter=case.matter, outcome=outcome
            ),
            at=case.at,
        )


def _take(case: OpenCase, step: bpmn.Step) -> None:
    """Turn the effects of a step into rows; services are kept for ``_serve``."""
    case.state = step.state
    tell_walked(case.realm, case.id, case.process.id, step.passed)
    tasks: list[NewTask] = []
    for effect in step.effects:
        match effect:
            case bpmn.TaskOpened(token, node):
                tasks.append(step_task(case, token, node))
            case bpmn.ServiceCalled():
                case.called.append(effect)
            case bpmn.TimerSet(token, node, duration):
                set_timer(case, token, node, case.at + duration)
            case bpmn.TimerCancelled(token, node):
                cancel_timer(case, token, node)
            case bpmn.TaskCancelled(token, _):
                _withdraw_step(case, token)
            case bpmn.Finished():
                case.finished = True
            case _:
                pass
    give_out(case.realm, case.id, case.package, case.number, tasks, at=case.at)


def _serve(case: OpenCase) -> None:
    """Call services until each that is left waits for something outside this transaction."""
    left = MOST_SERVICE_CALLS
    while case.called and not case.finished:
        left -= 1
        assert left > 0, f"process {case.process.id!r} calls services without end"
        call = case.called.pop(0)
        node = case.process.graph.nodes[call.node]
        answer = steps.serve(case, node)
        if answer is not None:
            case.data |= answer
            _take(case, bpmn.complete(case.process.graph, case.state, call.token, case.data))


def step_task(case: OpenCase, token: int, node_id: str) -> NewTask:
    """Return the task that a token brings to whoever answers for a step."""
    node = case.process.graph.nodes[node_id]
    assert node.role is not None, "the doctor refuses steps without role and limit"
    assert node.limit is not None, "the doctor refuses steps without role and limit"
    doers: Mapping[str, str | None] = case.data.get("doers", {})
    found_by = doers.get(node.verifies) if node.verifies else None
    # The work that another step accepts, and its acceptance: not for whoever found the matter.
    accepted = any(other.verifies == node_id for other in case.process.graph.nodes.values())
    return NewTask(
        key=f"{node_id}/{token}", kind="step", item=node_id, title=f"node.{node_id}",
        role=CaseRole(node.role).settled(case.data), place=case.division_code, limit=node.limit,
        closes="complete", level=case.level, token=token,
        finder_id=UUID(found_by) if found_by else None,
        opener_id=opened_by(case.process, case.data) if accepted or node.verifies else None,
        apart_from=_last_holder(case, node.separate) if node.separate else None,
    )  # fmt: skip


def _last_holder(case: OpenCase, node_id: str) -> UUID | None:
    """Return the unit that held a step of the case last, whatever the step was called then."""
    names = [node_id, *case.data.get("former_steps", {}).get(node_id, [])]
    with connection.cursor() as cursor:
        cursor.execute(
            "select unit_id from flows_task where case_id = %s and kind = 'step' and item = any(%s)"
            " order by sent_at desc, id desc limit 1",
            [case.id, names],
        )
        row = cursor.fetchone()
    return None if row is None else row[0]


def set_timer(case: OpenCase, token: int, element: str, due_at: datetime) -> None:
    """Let a timer of a token wait until ``due_at``."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into flows_timer (id, realm, case_id, token, element, due_at, state)"
            " values (%s, %s, %s, %s, %s, %s, 'waiting')",
            [new_id(), case.realm, case.id, token, element, due_at],
        )


def cancel_timer(case: OpenCase, token: int, element: str) -> None:
    """Cancel a timer of a token that still waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_timer set state = 'cancelled'"
            " where case_id = %s and token = %s and element = %s and state = 'waiting'",
            [case.id, token, element],
        )


def _withdraw_step(case: OpenCase, token: int) -> None:
    steps.withdraw(
        case,
        "t.kind = 'step' and t.token = %(token)s",
        {"token": token},
        states=("dispatched", "accepted", "handling"),
    )
