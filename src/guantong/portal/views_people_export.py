"""The organisation book as files, as far as the reader administers it."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Rows, Thing
from guantong.orgs import api as orgs
from guantong.portal.delivery_log import note
from guantong.portal.reader import decide, reader_of
from guantong.portal.views_people import cut_of


def attached(content: bytes, name: str, kind: str) -> HttpResponse:
    """Return bytes as a file to keep."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _cut_of_areas(rows: Rows) -> orgs.Cut:
    """Return the rows of a decision as a predicate over the area of a fallback chain."""
    return rows.sql("c.area_code")


@require_safe
def book_xlsx(request: HttpRequest) -> HttpResponse:
    """Export the units and people that the reader administers, as an import reads them."""
    reader = reader_of(request)
    decision = decide(request, "administer", Thing(kind="unit"))
    note(reader, "export", decision, facts={"what": "book", "form": "xlsx"})
    cut = cut_of(decision.rows)
    content = orgs.book_workbook(
        cut, cut, _cut_of_areas(decision.rows), on=reader.on, language=reader.language
    )
    return attached(content, f"organisation-{reader.on.isoformat()}.xlsx", XLSX)


@require_safe
def book_csv(request: HttpRequest, sheet: str) -> StreamingHttpResponse:
    """Export units, people or fallback chains as CSV."""
    reader = reader_of(request)
    decision = decide(request, "administer", Thing(kind="unit"))
    kind: orgs.SheetKind = next((one for one in orgs.FIELDS if one == sheet), "people")
    note(reader, "export", decision, facts={"what": kind, "form": "csv"})
    rows = decision.rows
    cut = _cut_of_areas(rows) if kind == "chains" else cut_of(rows)
    text = orgs.book_text(kind, cut, on=reader.on, language=reader.language)
    answer = StreamingHttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}-{reader.on.isoformat()}.csv"'
    return answer
