"""Lists as CSV files: exactly the rows the reader may see, each delivery in the log (promise P5).

Rows are read page by page and sent as they come, so that a long list needs little memory.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Decision, Thing
from guantong.base.errors import NotFound
from guantong.base.reading import moment_text
from guantong.base.spreadsheet import as_text
from guantong.base.words import say
from guantong.flows import api as flows
from guantong.flows.api import CHIPS, Page
from guantong.orgs import api as orgs
from guantong.portal.delivery_log import note
from guantong.portal.object_words import column_word, shown_columns, value_text
from guantong.portal.purposes import purpose_of
from guantong.portal.reader import Reader, decide, reader_of
from guantong.portal.things import lead_lines
from guantong.portal.views_case import all_leads
from guantong.portal.views_inbox import read_inbox, search_for
from guantong.portal.wording import (
    case_state,
    level_word,
    place_name,
    places_of,
    task_state,
    task_title,
    title_of_case,
)
from guantong.registry.api import object_type, object_types, objects

ROWS_AT_ONCE = 500
BOM = "\ufeff"  # without it, spreadsheet programs read Chinese as something else

Rows = Iterable[list[object]]


@require_safe
def inbox_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export the reader's inbox."""
    reader = reader_of(request)
    language = reader.language
    decision = decide(request, "read", Thing(kind="export", unit_ids=reader.actor.unit_ids))
    show = request.GET.get("show", "")
    show = show if show in CHIPS else CHIPS[0]
    text = request.GET.get("q", "").strip()

    def read(after: str | None) -> Page[Any]:
        return read_inbox(reader, show, text, after=after, most=ROWS_AT_ONCE)[0]

    def rows() -> Iterator[list[object]]:
        for page in _pages(read):
            known = places_of(task.division_code for task in page.rows)
            for task in page.rows:
                yield [
                    task.key, task_title(task, known, language), task.case_number,
                    place_name(task.division_code, known, language), task.unit(language),
                    task_state(task, language), moment_text(task.sent_at, language),
                    moment_text(task.limit_at, language), moment_text(task.completed_at, language),
                ]  # fmt: skip

    heads = ("task.number", "export.title", "case.number", "case.place", "task.unit", "case.state",
             "timeline.sent", "task.due", "timeline.completed")  # fmt: skip
    return csv_file(reader, decision, "inbox", [say(key, language) for key in heads], rows())


@require_safe
def cases_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export cases of the reader's area, or of one division of it."""
    reader = reader_of(request)
    language = reader.language
    division = request.GET.get("division") or None
    decision = decide(
        request, "read", Thing(kind="export", division_code=division, lines=all_leads())
    )
    search = search_for(request.GET.get("q", "").strip(), reader)
    state, level = request.GET.get("state", ""), request.GET.get("level", "")

    def read(after: str | None) -> Page[Any]:
        return flows.cases(
            reader.realm, rows=decision.rows, now=reader.now, search=search, state=state,
            level=level, under=_under(division), after=after, most=ROWS_AT_ONCE,
        )[0]  # fmt: skip

    def rows() -> Iterator[list[object]]:
        for page in _pages(read):
            known = places_of(case.division_code for case in page.rows)
            for case in page.rows:
                yield [
                    case.number, title_of_case(case, known, language),
                    place_name(case.division_code, known, language),
                    level_word(case.level, language), case_state(case.state, language), case.tasks,
                    case.open_tasks, case.late_tasks, moment_text(case.opened_at, language),
                    moment_text(case.closed_at, language),
                ]  # fmt: skip

    heads = (
        "case.number", "export.title", "case.place", "cockpit.level", "case.state", "case.tasks",
        "export.open_tasks", "export.late_tasks", "case.opened", "case.closed",
    )  # fmt: skip
    return csv_file(reader, decision, "cases", [say(key, language) for key in heads], rows())


@require_safe
def objects_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Export objects of one type, masked as on the page."""
    reader = reader_of(request)
    language = reader.language
    type_id = request.GET.get("type", "")
    if type_id not in {known.id for known in object_types()}:
        raise NotFound(what=type_id or "type")
    known = object_type(type_id)
    division = request.GET.get("division") or None
    decision = decide(
        request, "read",
        Thing(kind="export", division_code=division, lines=lead_lines(known.package),
              package=known.package, type=known.id),
        purpose=purpose_of(request),
    )  # fmt: skip
    columns = shown_columns(known)

    def rows() -> Iterator[list[object]]:
        found = objects(
            reader.realm, type_id, rows=decision.rows, masks=decision.masks, under=_under(division)
        )
        places = places_of({view.division_code for view in found})
        for view in found:
            values = [value_text(type_id, c, view.body.get(c), language) for c in columns]
            place = place_name(view.division_code, places, language)
            yield [view.key, view.division_code, place, *values]

    heads = [
        say("household.number", language), say("export.division", language),
        say("case.place", language), *(column_word(type_id, c, language) for c in columns),
    ]  # fmt: skip
    return csv_file(reader, decision, type_id.replace(".", "_"), heads, rows())


def _under(division: str | None) -> str:
    # An address without a division means the whole area of the reader, cut by the rows.
    return orgs.prefix(division) if division else ""


def _pages(read: Callable[[str | None], Page[Any]]) -> Iterator[Page[Any]]:
    """Yield page after page until there is no more."""
    after: str | None = None
    while True:
        page = read(after)
        yield page
        after = page.after
        if after is None:
            return


def csv_file(
    reader: Reader, decision: Decision, name: str, heads: list[str], rows: Rows
) -> StreamingHttpResponse:
    """Send a file, after its delivery is in the log."""
    note(reader, "export", decision, facts={"list": name})
    answer = StreamingHttpResponse(_lines(heads, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(heads: list[str], rows: Rows) -> Iterator[str]:
    yield BOM + _line(heads)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([as_text(cell) for cell in cells])
    return buffer.getvalue()
