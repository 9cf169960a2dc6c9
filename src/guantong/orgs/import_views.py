"""Plans of imports as pages read them: how far each is, what would change, what is in doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from guantong.base.errors import NotFound
from guantong.orgs.import_reading import SEALED
from guantong.orgs.import_rows import Doubt
from guantong.orgs.models import ImportPlan, ImportRow


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan as pages show it."""

    id: UUID
    person_id: UUID
    file_name: str
    state: str
    counts: Mapping[str, int]
    remarks: Sequence[Mapping[str, str]]
    options: Mapping[str, Any]
    done: int
    total: int
    on: date
    made_at: datetime
    applied_at: datetime | None

    @property
    def doubts(self) -> int:
        """How many rows are in doubt."""
        return self.counts.get("doubts", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A row of a plan as pages show it; sealed values are told as being there."""

    id: int
    sheet: str
    number: int
    cells: Mapping[str, str]
    sealed: tuple[str, ...]
    changes: Sequence[Mapping[str, Any]]
    doubts: Sequence[Doubt]
    skipped: bool


def plan_view(plan_id: UUID) -> PlanView:
    """Return one plan, or refuse: there is none."""
    plan = ImportPlan.objects.filter(id=plan_id).first()
    if plan is None:
        raise NotFound(what="import")
    return _view(plan)


def plans_of(person_id: UUID, *, most: int = 10) -> list[PlanView]:
    """Return the newest plans a person made."""
    found = ImportPlan.objects.filter(person_id=person_id).order_by("-made_at")[:most]
    return [_view(plan) for plan in found]


def _view(plan: ImportPlan) -> PlanView:
    return PlanView(
        id=plan.id, person_id=plan.person_id, file_name=plan.file_name, state=plan.state,
        counts=plan.counts, remarks=plan.remarks, options=plan.options, done=plan.done,
        total=plan.total, on=plan.on, made_at=plan.made_at, applied_at=plan.applied_at,
    )  # fmt: skip


def plan_rows(
    plan_id: UUID, *, which: str = "", most: int = 25, after: int = 0
) -> tuple[list[RowView], int]:
    """Return rows of a plan in the order of the file, and how many there are in all.

    ``which`` is ``doubts``, ``skipped``, or the name of a change; empty for all that changes.
    """
    rows = ImportRow.objects.filter(plan_id=plan_id)
    if which == "doubts":
        rows = rows.filter(in_doubt=True, skipped=False)
    elif which == "skipped":
        rows = rows.filter(skipped=True)
    elif which == "unchanged":
        rows = rows.filter(changes=[], in_doubt=False, skipped=False)
    elif which:
        rows = rows.filter(changes__contains=[{"what": which}], skipped=False)
    else:
        rows = rows.exclude(changes=[]).filter(skipped=False)
    total = rows.count()
    return [_row_view(row) for row in rows.filter(id__gt=after).order_by("id")[:most]], total


def _row_view(row: ImportRow) -> RowView:
    doubts = [
        Doubt(code, field, tuple((key, value) for key, value in facts))
        for code, field, facts in row.doubts
    ]
    return RowView(
        id=row.id, sheet=row.sheet, number=row.number, cells=row.cells["fields"],
        sealed=tuple(name for name in SEALED if getattr(row, f"{name}_mark")),
        changes=row.changes, doubts=doubts, skipped=row.skipped,
    )  # fmt: skip
