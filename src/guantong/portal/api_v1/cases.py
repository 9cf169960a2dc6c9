"""Cases: those of the area, one with its most urgent tasks, and what happened in it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router

from guantong.access.api import Thing
from guantong.flows import api as flows
from guantong.flows.api import CaseView
from guantong.portal.api_v1 import shapes
from guantong.portal.api_v1.shapes import Cursor, Shape
from guantong.portal.api_v1.tasks import TaskShort, short
from guantong.portal.reader import Reader, decide, reader_of
from guantong.portal.views_case import all_leads
from guantong.portal.views_case import find as find_case
from guantong.portal.views_inbox import search_for
from guantong.portal.wording import Places, places_of, title_of_case, word

router = Router(tags=["cases"])

Level = Literal["none", "blue", "yellow", "orange", "red"]


class CaseShort(Shape):
    """A case, with how many of its tasks are open or late."""

    id: UUID
    number: str
    title: str
    place: str = Field(description="Code of the division", examples=["331081000000"])
    level: str = Field(examples=["orange"])
    state: str = Field(examples=["open"])
    opened_at: datetime
    closed_at: datetime | None
    tasks: int
    open_tasks: int
    late_tasks: int
    limit_at: datetime | None


class CasePage(Shape):
    """A page of cases; ``after`` leads to the next one and is null on the last."""

    rows: list[CaseShort]
    total: int
    after: str | None


class CaseWhole(CaseShort):
    """One case, with up to 30 of those tasks that the post may see, the most urgent first."""

    urgent: list[TaskShort]


class Happened(Shape):
    """What happened to one task, or to ``count`` tasks of one kind within an hour."""

    at: datetime
    what: str = Field(examples=["accepted"])
    title: str
    unit: str
    count: int


@router.get(
    "",
    operation_id="list_cases",
    response={200: CasePage, **shapes.ALWAYS},
    summary="Cases of the area",
)
def list_cases(
    request: HttpRequest,
    state: Annotated[Literal["", "open", "closed"], Query(description="Open, closed, or all")] = "",
    level: Annotated[Level | Literal[""], Query(description="Only of this level")] = "",
    q: Annotated[str, shapes.search("A text in number, matter or place")] = "",
    after: Annotated[Cursor | None, Query(description="The cursor of the page before")] = None,
) -> dict[str, Any]:
    """Return up to 25 cases that the post may see, the newest first."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="case", lines=all_leads()))
    found, _ = flows.cases(
        reader.realm, rows=decision.rows, now=reader.now,
        search=search_for(q.strip(), reader), state=state, level=level, after=after,
    )  # fmt: skip
    known = places_of(case.division_code for case in found.rows)
    return {
        "rows": [_short(case, reader, known) for case in found.rows],
        "total": found.total,
        "after": found.after,
    }


@router.get(
    "/{uuid:id}",
    operation_id="read_case",
    response={200: CaseWhole, **shapes.OF_ONE},
    summary="One case",
)
def read_case(request: HttpRequest, id: UUID) -> dict[str, Any]:
    """Return a case with its most urgent tasks."""
    reader = reader_of(request)
    found, rows = find_case(request, id)
    urgent, _ = flows.tasks_of_case(reader.realm, id, rows=rows)
    known = places_of([found.division_code, *(task.division_code for task in urgent)])
    return {
        **_short(found, reader, known),
        "urgent": [short(task, reader, known) for task in urgent],
    }


@router.get(
    "/{uuid:id}/timeline",
    operation_id="read_timeline",
    response={200: list[Happened], **shapes.OF_ONE},
    summary="What happened in a case",
)
def read_timeline(request: HttpRequest, id: UUID) -> list[dict[str, Any]]:
    """Return up to 60 entries, the newest first; tasks of a plan are told by the hour."""
    reader = reader_of(request)
    found, rows = find_case(request, id)
    return [
        {
            "at": entry.at,
            "what": entry.what,
            "title": word(found.package, entry.title, reader.language, place=found.division_code),
            "unit": entry.unit_name if reader.language == "zh-CN" else entry.unit_name_en,
            "count": entry.count,
        }
        for entry in flows.timeline(reader.realm, id, rows=rows)
    ]


def _short(case: CaseView, reader: Reader, known: Places) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.number,
        "title": title_of_case(case, known, reader.language),
        "place": case.division_code,
        "level": case.level,
        "state": case.state,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "tasks": case.tasks,
        "open_tasks": case.open_tasks,
        "late_tasks": case.late_tasks,
        "limit_at": case.limit_at,
    }
