"""Tasks and cases as pages read them: values only, one row of the store each."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from guantong.flows.task import ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """One task, with what of its case a reader needs to know it by."""

    id: UUID
    key: str
    case_id: UUID
    case_number: str
    case_state: str
    process: str
    release: str
    matter: str
    case_division: str
    package: str
    kind: str
    item: str
    title: str
    plan: str
    state: str
    level: str
    division_code: str
    line: str
    unit_id: UUID
    unit_name: str
    unit_name_en: str
    superior_id: UUID | None
    coordinating_id: UUID | None
    verifier_id: UUID | None
    subject_id: UUID | None
    closes: str
    finder_id: UUID | None
    opener_id: UUID | None
    doer_id: UUID | None
    accepter_id: UUID | None
    answers: Mapping[str, Any]
    reason: str
    sent_back_times: int
    sent_at: datetime
    received_at: datetime | None
    read_at: datetime | None
    accepted_at: datetime | None
    fed_back_at: datetime | None
    completed_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    limit_at: datetime
    supervised_at: datetime | None

    @property
    def waits(self) -> bool:
        """Whether somebody must still act on it, so that its limit runs."""
        return self.state in ACTIVE

    @property
    def heir_id(self) -> UUID:
        """The unit that gives it out anew after it was sent back."""
        return self.superior_id or self.coordinating_id or self.unit_id

    def late(self, now: datetime) -> bool:
        """Say whether the limit has passed while somebody still has to act."""
        return self.waits and self.limit_at < now

    def unit(self, language: str) -> str:
        """Return the name its unit had when the task was given out (promise P11)."""
        return self.unit_name if language == "zh-CN" else self.unit_name_en


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case, with how many of its tasks are open or late, and the nearest limit."""

    id: UUID
    number: str
    package: str
    process: str
    release: str
    matter: str
    division_code: str
    level: str
    state: str
    outcome: str
    opened_at: datetime
    closed_at: datetime | None
    tokens: Mapping[str, Any]
    data: Mapping[str, Any]
    tasks: int
    open_tasks: int
    late_tasks: int
    limit_at: datetime | None
    follows_id: UUID | None


_FROM_CASE = {
    "case_number": "c.number", "case_state": "c.state", "process": "c.process",
    "release": "coalesce(t.release, c.release)",
    "matter": "c.matter", "case_division": "c.division_code", "answers": "t.answers::text",
}  # fmt: skip
TASK_COLUMNS = ", ".join(_FROM_CASE.get(f.name, f"t.{f.name}") for f in fields(TaskView))
TASK_TABLES = "flows_task t join flows_case c on c.id = t.case_id"

_COUNTED = ("tasks", "open_tasks", "late_tasks", "limit_at")
_OF_CASE = {
    "tokens": "c.tokens::text", "data": "c.data::text", **{name: f"n.{name}" for name in _COUNTED}
}  # fmt: skip
CASE_COLUMNS = ", ".join(_OF_CASE.get(f.name, f"c.{f.name}") for f in fields(CaseView))
# Two values: the active states, and the realm's time.
CASE_TABLES = (
    "flows_case c cross join lateral (select count(*) as tasks,"
    " count(*) filter (where t.state = any(%s)) as open_tasks,"
    " count(*) filter (where t.state = any(%s) and t.limit_at < %s) as late_tasks,"
    " min(t.limit_at) filter (where t.state = any(%s)) as limit_at"
    " from flows_task t where t.case_id = c.id) n"
)


def case_counts(now: datetime) -> list[Any]:
    """Return the values that ``CASE_TABLES`` asks for."""
    active = list(ACTIVE)
    return [active, active, now, active]


def task_view(row: tuple[Any, ...]) -> TaskView:
    """Return a row of ``TASK_COLUMNS`` as a view."""
    found = dict(zip((f.name for f in fields(TaskView)), row, strict=True))
    return TaskView(**found | {"answers": orjson.loads(found["answers"])})


def case_view(row: tuple[Any, ...]) -> CaseView:
    """Return a row of ``CASE_COLUMNS`` as a view."""
    found = dict(zip((f.name for f in fields(CaseView)), row, strict=True))
    loaded = {name: orjson.loads(found[name]) for name in ("tokens", "data")}
    return CaseView(**found | loaded)
