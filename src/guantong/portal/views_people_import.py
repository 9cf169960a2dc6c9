"""Bringing people in: a file becomes a plan, doubts are corrected on the page, then it is applied.

What a plan would change belongs to whoever made it; nobody else opens it. Rights are asked again at
every step: a plan applied after its maker lost a right is in doubt where the right is missing.
"""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guantong.access.api import Decision, Thing
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.words import LANGUAGES, catalogue, say
from guantong.orgs import api as orgs
from guantong.orgs.api import Correction, PlanView, RowView
from guantong.portal.lists import address, chip, count_text
from guantong.portal.people_forms import field, form
from guantong.portal.people_words import actor_name, day_text, hour_text
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.views_people_export import XLSX

ROWS = 25
_CHANGES = (
    "unit-new", "unit-renamed", "unit-moved", "person-new", "person-renamed", "contact",
    "appointed", "moved", "title", "ended", "chain-declared",
)  # fmt: skip

_ABOUT_WHO = frozenset({"name-differs", "same-person", "person-outside", "number-twice"})


def _scope(request: HttpRequest) -> tuple[Reader, orgs.Scope]:
    reader = reader_of(request)
    decision: Decision = decide(request, "administer", Thing(kind="unit"))
    rows = decision.rows
    return reader, orgs.Scope(
        everything=rows.everything, prefixes=rows.prefixes, unit_ids=rows.unit_ids
    )


def _own_plan(request: HttpRequest, id: UUID) -> tuple[Reader, orgs.Scope, PlanView]:
    reader, scope = _scope(request)
    plan = orgs.plan_view(id)
    if plan.person_id != reader.actor.person_id:
        # A plan names people: that another's exists is not told either.
        raise NotFound(what=say("people.import.plan", reader.language))
    return reader, scope, plan


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Bring a file; show the plans brought before."""
    reader, scope = _scope(request)
    language = reader.language
    refused: GuantongError | None = None
    if request.method == "POST":
        try:
            return HttpResponseRedirect(f"/people/import/{_bring(request, reader, scope)}")
        except GuantongError as refusal:
            refused = refusal
    accept = ".xlsx,.csv,text/csv"
    fields = [
        field("file", say("people.import.file", language), widget="file", accept=accept,
              hint=say("people.import.file_hint", language)),
        field("leave", say("people.import.leave", language), widget="checkbox", required=False,
              value="leave" in request.POST, hint=say("people.import.leave_hint", language)),
    ]  # fmt: skip
    me = reader.actor.person_id
    return page(
        request,
        "import.html",
        status=409 if refused else 200,
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say("people.import.title", language), "href": None},
        ],
        form=form(
            "/people/import", fields, say("people.import.read", language), refused=refused,
            language=language, multipart=True,
        ),
        plans=[
            {
                "href": f"/people/import/{plan.id}",
                "name": plan.file_name,
                "at": hour_text(plan.made_at, language),
                "state": say(f"people.import.state.{plan.state}", language),
                "light": _light(plan),
                "facts": _facts(plan, language),
            }
            for plan in (orgs.plans_of(me) if me else [])
        ],
    )  # fmt: skip


def _bring(request: HttpRequest, reader: Reader, scope: orgs.Scope) -> UUID:
    from guantong.orgs.errors import SheetRefused

    file = request.FILES.get("file")
    if file is None:
        raise SheetRefused("none")
    if file.size is None or file.size > orgs.MOST_PACKED_BYTES:
        raise SheetRefused("heavy", most=orgs.MOST_PACKED_BYTES // 1024 // 1024)
    assert reader.actor.person_id is not None, "who administers a unit is a person"
    return orgs.plan_import(
        file.read(), file.name or "", person_id=reader.actor.person_id, scope=scope,
        leave_missing="leave" in request.POST, on=reader.on, at=machine_now(),
        actor=actor_name(reader),
    )  # fmt: skip


def _light(plan: PlanView) -> str:
    if plan.state == "applied":
        return "green"
    if plan.state == "open":
        return "yellow" if plan.doubts else "blue"
    return "blue" if plan.state == "applying" else "grey"


def _facts(plan: PlanView, language: str) -> str:
    counts = plan.counts
    changes = sum(counts.get(name, 0) for name in _CHANGES)
    return say(
        "people.import.facts", language, rows=counts.get("rows", 0), changes=changes,
        doubts=counts.get("doubts", 0),
    )  # fmt: skip


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """Give out the empty workbook with the headings."""
    reader, _ = _scope(request)
    answer = HttpResponse(orgs.template(reader.language), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="people.xlsx"'
    return answer


@require_safe
def plan(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show a plan: what is in doubt, what would change, how far it is applied."""
    reader, _, view = _own_plan(request, id)
    language = reader.language
    show = request.GET.get("show", "doubts" if view.doubts and view.state == "open" else "")
    show = show if show in ("doubts", "skipped", "unchanged", *_CHANGES) else ""
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0
    rows, total = orgs.plan_rows(id, which=show, most=ROWS, after=start)
    here = f"/people/import/{id}"
    percent = 100 if not view.total else round(100 * view.done / view.total)
    return page(
        request,
        "import_plan.html",
        crumbs=[
            {"title": say("people.title", language), "href": "/people"},
            {"title": say("people.import.title", language), "href": "/people/import"},
            {"title": view.file_name, "href": None},
        ],
        plan=view,
        here=here,
        light=_light(view),
        state=say(f"people.import.state.{view.state}", language),
        at=hour_text(view.applied_at or view.made_at, language),
        facts=_facts(view, language),
        nothing=not any(view.counts.get(name) for name in _CHANGES),
        refused=view.counts.get("refused", 0),
        open=view.state == "open",
        applying=view.state == "applying",
        percent=percent,
        done_text=say("people.import.done_of", language, done=view.done, total=view.total),
        remarks=[r for r in view.remarks if r["code"] == "heading"],
        left_out=[r["sheet"] for r in view.remarks if r["code"] == "sheet-left-out"],
        headings=_headings(view, language),
        chips=_chips(view, here, show, language),
        show=show,
        rows=[_row(row, view, language) for row in rows],
        count=count_text(total, language),
        next_href=address(here, show=show, after=rows[-1].id) if len(rows) == ROWS else None,
    )


def _headings(view: PlanView, language: str) -> list[dict[str, object]]:
    """Return the headings nobody knows, each with the fields it may mean."""
    found: list[dict[str, object]] = []
    for place, remark in enumerate(r for r in view.remarks if r["code"] == "heading"):
        fields = orgs.FIELDS[_sheet(remark["kind"])]
        found.append(
            {
                "name": f"heading-{place}",
                "heading": remark["heading"],
                "nearest": remark["nearest"],
                "options": [
                    {"value": name, "label": _column(name, remark["kind"], language)}
                    for name in fields
                ],
            }
        )
    return found


def _sheet(kind: str) -> orgs.SheetKind:
    """Return the sheet of a row; whoever leaves stands on none and is of the people."""
    return next((known for known in orgs.FIELDS if known == kind), "people")


def _column(name: str, sheet: str, language: str) -> str:
    fields = orgs.FIELDS[_sheet(sheet)]
    return fields[name][0 if language == "zh-CN" else 1] if name in fields else name


def _chips(view: PlanView, here: str, show: str, language: str) -> list[dict[str, object]]:
    named = [("", sum(view.counts.get(n, 0) for n in _CHANGES))]
    named += [(n, view.counts.get(n, 0)) for n in ("doubts", *_CHANGES, "unchanged", "skipped")]
    return [
        chip(
            say(f"people.change.{name or 'all'}", language),
            f"{here}?show={name or 'all'}",
            current=name == show,
            count=count,
        )
        for name, count in named
        if count or name in ("", show)
    ]


def _row(row: RowView, view: PlanView, language: str) -> dict[str, object]:
    sheet = _sheet(row.sheet)
    open_doubts = row.doubts
    wanted = dict.fromkeys(doubt.field for doubt in open_doubts if doubt.field)
    if any(doubt.code in _ABOUT_WHO for doubt in open_doubts):
        # Either the name or the number may be the wrong one.
        wanted |= {"number": None, "name": None}
    return {
        "id": row.id,
        "where": say(f"people.import.row_{row.sheet}", language, number=row.number),
        "title": " · ".join(
            row.cells[name] for name in ("number", "name", "code", "name_zh") if name in row.cells
        ),
        "changes": [change_text(change, language) for change in row.changes],
        "skipped": row.skipped,
        "doubts": [
            {
                "sentence": doubt_text(doubt, sheet, language),
                "code": doubt.code,
                "by_word": doubt.code in orgs.SETTLED_BY_WORD,
                "confirm_label": say(f"people.confirm.{doubt.code}", language)
                if doubt.code in orgs.SETTLED_BY_WORD
                else "",
            }
            for doubt in open_doubts
        ],
        "fields": [
            {
                "name": f"cell-{row.id}-{name}",
                "label": _column(name, sheet, language),
                "value": row.cells.get(name, ""),
                "suggested": _suggested(name, row),
            }
            for name in wanted
            if row.sheet != "leavers" and name in orgs.FIELDS[sheet]
        ],
    }


def _suggested(name: str, row: RowView) -> str:
    """Return the value that is most like what was written, where the rules know one."""
    for doubt in row.doubts:
        if doubt.field == name:
            near = dict(doubt.facts).get("nearest", "")
            return "" if "," in near else near
    return ""


def change_text(change: Mapping[str, object], language: str) -> str:
    """Return one change as a sentence."""
    facts = {name: str(value or "") for name, value in change.items()}
    what = facts["what"]
    if facts.get("post"):
        facts["post"] = say(f"orgs.post.{facts['post']}", language)
    for name in ("from", "until", "on"):
        facts[name] = _plain_day(facts.get(name, ""), language)
    facts["since"] = facts.pop("from")
    if what == "chain-declared":
        chain = change["chain"]
        assert isinstance(chain, list), "a declared chain is a list of its links"
        facts["chain"] = orgs.chain_words(chain, language)
        facts["line"] = orgs.line_name(facts["line"], language)
    if what == "contact":
        fields = change["fields"]
        assert isinstance(fields, list), "a change of contact names its fields"
        facts["fields"] = say("people.and", language).join(
            _column(str(name), "people", language) for name in fields
        )
    if what in ("appointed", "moved") and facts.get("kind") == "acting":
        what = "acting"
    return say(f"people.changes.{what}", language, **facts)


def _plain_day(text: str, language: str) -> str:
    from datetime import date

    return day_text(date.fromisoformat(text), language) if text else ""


def doubt_text(doubt: orgs.Doubt, sheet: str, language: str) -> str:
    """Return what is in doubt, why, and what to do."""
    facts = dict(doubt.facts)
    facts["column"] = _column(doubt.field, sheet, language)
    if facts.get("post") in orgs.POST_CODES:
        facts["post"] = say(f"orgs.post.{facts['post']}", language)
    key = f"people.doubt.{doubt.code}"
    if f"{key}.near" in catalogue(LANGUAGES[0]) and facts.get("nearest"):
        key = f"{key}.near"
    return say(key, language, **facts)


@require_POST
def correct(request: HttpRequest, id: UUID) -> HttpResponse:
    """Take the corrections of the rows on the page; all of the plan is judged anew."""
    reader, scope, _ = _own_plan(request, id)
    corrections: dict[int, Correction] = {}
    for text in request.POST.getlist("row")[: ROWS * 2]:
        if not (text.isascii() and text.isdigit() and len(text) < 18):
            continue
        prefix = f"cell-{text}-"
        cells = {
            name.removeprefix(prefix): value.strip()[:200]
            for name, value in request.POST.items()
            if name.startswith(prefix) and isinstance(value, str)
        }
        known = {name for fields in orgs.FIELDS.values() for name in fields}
        corrections[int(text)] = Correction(
            cells={name: value for name, value in cells.items() if name in known},
            confirm=frozenset(request.POST.getlist(f"confirm-{text}")),
            skip=f"skip-{text}" in request.POST,
        )
    orgs.correct_rows(id, corrections, on=reader.on, scope=scope)
    left = orgs.plan_view(id).doubts
    key = "corrected" if not left else "still"
    said = say(f"people.import.{key}", reader.language, doubts=left)
    messages.success(request, said, extra_tags="fine" if not left else "caution")
    return HttpResponseRedirect(f"/people/import/{id}")


@require_POST
def headings(request: HttpRequest, id: UUID) -> HttpResponse:
    """Say what unknown headings mean, and read the file of the plan again."""
    reader, _, view = _own_plan(request, id)
    mapping: dict[str, str] = {}
    for item in _headings(view, reader.language):
        mapping[str(item["heading"])] = request.POST.get(str(item["name"]), "")
    leave = bool(view.options.get("leave_missing"))
    orgs.read_again(
        id, mapping=mapping, leave_missing=leave, at=machine_now(), actor=actor_name(reader)
    )
    return HttpResponseRedirect(f"/people/import/{id}")


@require_POST
def apply(request: HttpRequest, id: UUID) -> HttpResponse:
    """Apply a plan without doubts; a large one goes on in the worker."""
    reader, scope, _ = _own_plan(request, id)
    done = orgs.apply_plan(
        id, on=reader.on, scope=scope, at=machine_now(), actor=actor_name(reader)
    )
    if done.state == "applied":
        said = say("people.import.applied", reader.language)
        messages.success(request, said, extra_tags="fine")
    return HttpResponseRedirect(f"/people/import/{id}")


@require_POST
def drop(request: HttpRequest, id: UUID) -> HttpResponse:
    """Lay a plan aside."""
    reader, _, _ = _own_plan(request, id)
    orgs.drop_plan(id, at=machine_now(), actor=actor_name(reader))
    messages.success(request, say("people.import.dropped", reader.language), extra_tags="fine")
    return HttpResponseRedirect("/people/import")
