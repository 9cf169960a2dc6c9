"""What the service tasks of a process can ask of flows itself, by name.

``plan`` expands a plan into tasks · ``watch_alert`` waits until the alert's level is another than
the response's, or the alert has ended · ``stand_down`` withdraws what a lower level no longer
asks for · ``await_tasks`` waits until every task of a plan is done and looked at · ``return``
closes out what waited for people to go home. Each gives variables back, or None to wait.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection

from guantong.bpmn.api import Graph, Kind, Node, State
from guantong.flows.dispatch import expand
from guantong.flows.level import LEVELS, rank
from guantong.flows.opening import opened_by
from guantong.flows.plan import plan_at
from guantong.flows.task import CLOSE_OUT, SETTLED, WITHDRAW
from guantong.flows.trail import TASK_AFTER, leave, person

if TYPE_CHECKING:
    from guantong.flows.engine import OpenCase

Answer = Mapping[str, Any] | None

# What a waiting service waits for: the case is asked again when that has changed.
_AWAITS = {"watch_alert": "level", "await_tasks": "tasks"}
# At every other service a case never stands: it is done at once.
AWAITED_SERVICES = frozenset(_AWAITS)


def serve(case: "OpenCase", node: Node) -> Answer:
    """Do what the service task ``node`` asks for, or say that it must wait."""
    assert node.service is not None, "the doctor refuses a service task without a service"
    return SERVICES[node.service](case, node)


def awaited(graph: Graph, state: State) -> set[str]:
    """Return what the waiting services of a case wait for: "level", "tasks"."""
    found = set()
    for token in state.tokens:
        node = graph.nodes[token.node]
        if token.waiting and node.kind is Kind.SERVICE and node.service in _AWAITS:
            found.add(_AWAITS[node.service])
    return found


def _plan(case: "OpenCase", node: Node) -> Answer:
    level = str(case.data.get("response_level", case.level))
    by = case.data.get("last_doer")
    expand(
        case.realm, case.id, case.package, case.number,
        plan_at(case.package, node.settings["plan"], case.process.release),
        place=case.division_code, level=level,
        wave=int(case.data.get("wave", 0)), finder_id=UUID(by) if by else None,
        opener_id=opened_by(case.process, case.data), data=case.data, at=case.at,
    )  # fmt: skip
    return {}


def _watch_alert(case: "OpenCase", node: Node) -> Answer:
    # Against the level people knew when they decided, not against what they decided: whoever
    # answers an orange alert with a yellow response has judged, and is not asked again (P3).
    now, decided = rank(case.data.get("alert_level")), rank(case.data.get("decided_level"))
    if case.data.get("alert_over"):
        return {"change": "over"}
    if now == decided:
        return None
    return {"change": "raised" if now > decided else "lowered"}


def _stand_down(case: "OpenCase", node: Node) -> Answer:
    level, response = case.data.get("alert_level"), case.data.get("response_level")
    lower = level if rank(level) < rank(response) else response
    above = [name for name in LEVELS if rank(name) > rank(lower)]
    withdraw(
        case, "t.kind = 'plan' and t.level = any(%(levels)s)", {"levels": above},
        states=WITHDRAW.allowed,
    )  # fmt: skip
    return {"response_level": lower, "decided_level": level}


def _await_tasks(case: "OpenCase", node: Node) -> Answer:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select from flows_task"
            " where case_id = %s and kind = 'plan' and state <> all(%s))",
            [case.id, list(SETTLED)],
        )
        return None if cursor.fetchone()[0] else {}


def _return(case: "OpenCase", node: Node) -> Answer:
    by = case.data.get("last_doer")
    closer = UUID(by) if by else None
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_task t set state = %(becomes)s, closed_at = %(at)s"  # noqa: S608
            " where t.case_id = %(case)s and t.closes = 'return' and t.state = 'verified'"
            f" returning t.id, t.doer_id, t.accepter_id, {TASK_AFTER}::text",
            {"becomes": CLOSE_OUT.becomes, "at": case.at, "case": case.id},
        )
        closed = cursor.fetchall()
    # Whoever did the work never closes it (P2): his own tasks are closed on the verifier's word.
    by_whom = (
        (id, person(accepter if doer == closer else closer), after)
        for id, doer, accepter, after in closed
    )
    leave(case.realm, "task", CLOSE_OUT.name, by_whom, at=case.at)
    # People are home: should the danger come back, all that was done must be done again.
    return {"wave": int(case.data.get("wave", 0)) + 1}


def withdraw(
    case: "OpenCase", which: str, values: Mapping[str, Any], *, states: Sequence[str]
) -> None:
    """Withdraw tasks of the case that nobody has taken on yet (撤回)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update flows_task t set state = %(becomes)s, closed_at = %(at)s"  # noqa: S608
            f" where t.case_id = %(case)s and t.state = any(%(states)s) and {which}"
            f" returning t.id, {TASK_AFTER}::text",
            {
                "becomes": WITHDRAW.becomes, "at": case.at, "case": case.id,
                "states": list(states), **values,
            },
        )  # fmt: skip
        gone = cursor.fetchall()
    actor = f"process:{case.process.id}"
    leave(case.realm, "task", WITHDRAW.name, ((i, actor, after) for i, after in gone), at=case.at)


SERVICES: Mapping[str, Callable[["OpenCase", Node], Answer]] = {
    "plan": _plan,
    "watch_alert": _watch_alert,
    "stand_down": _stand_down,
    "await_tasks": _await_tasks,
    "return": _return,
}
