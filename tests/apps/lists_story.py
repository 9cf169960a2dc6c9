"""A problem of the seven lists on its way: entered, and each step done by who must do it."""

from datetime import datetime
from uuid import UUID

from tests.province import EVENING, WENLING, person

from guantong.base.realm import LIVE, Realm
from guantong.flows import api as flows
from guantong.flows.models import Task

AUDIT, WATER = "audit@331081", "water@331081"

PROBLEM = {
    "list": "audit", "title": "某灌区泵站验收资料缺失",
    "description": "抽查发现三座泵站没有验收资料。", "found_by": "own", "responsible_line": "water",
}  # fmt: skip
ANSWERS: dict[str, dict[str, object]] = {
    "list_it": {"on_list": "yes", "grade": "serious", "responsible_line": "water"},
    "analyse": {"cause": "duty", "analysis": "责任不清", "plan": "补齐资料"},
    "approve_measures": {"measures": "approved"},
    "rectify": {"done": "已补齐资料"},
    "accept_it": {"acceptance": "accepted", "opinion": "属实"},
    "supervise": {"instruction": "限期补齐"},
    "prevent": {"mechanism": "rule", "lesson": "验收先交资料"},
    "look_again": {"outcome": "mended", "finding": "资料齐全"},
}


def opening() -> flows.Opening:
    return next(o for o in flows.openings() if o.package == "problem_lists")


def enter(
    *, by: str = AUDIT, post: str = "duty", place: str = WENLING, realm: Realm = LIVE,
    at: datetime = EVENING, **answers: object,
) -> UUID:  # fmt: skip
    """Enter a problem by the holder of a post, and return its case."""
    return flows.open_by_person(
        realm, opening(), division_code=place, person_id=person(by, post).id,
        answers={**PROBLEM, **answers}, at=at,
    )  # fmt: skip


def waiting(case: UUID, item: str) -> Task:
    """Return the step of a case that waits."""
    return Task.objects.get(case_id=case, item=item, state__in=flows.ACTIVE)


def step(
    case: UUID, item: str, by: str, post: str = "second_duty", *, at: datetime = EVENING,
    **answers: object,
) -> list[UUID]:  # fmt: skip
    """Let a post accept and complete the step of a case that waits; return what moved."""
    task, who = waiting(case, item), person(by, post).id
    realm = Realm(task.realm)
    flows.accept(realm, {task.id: who}, at=at)
    return flows.complete(realm, {task.id: who}, at=at, answers={**ANSWERS[item], **answers})


def bring_to_acceptance(case: UUID, *, at: datetime = EVENING) -> None:
    """Bring a problem just entered by the audit office's duty to where it is to be accepted."""
    step(case, "list_it", AUDIT, at=at)
    step(case, "analyse", WATER, "duty", at=at)
    step(case, "approve_measures", AUDIT, at=at)
    step(case, "rectify", WATER, "duty", at=at)
