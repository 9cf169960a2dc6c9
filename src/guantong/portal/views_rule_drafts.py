"""Drafts of decision tables: begun from a version, written, examined, released by a second person.

The plain editor and the graphical one send the same form to the same address: cells, or the file as
text. What is refused stands beside the form, and what was typed is kept.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from guantong.access.api import Thing
from guantong.access.errors import Refused
from guantong.base.clock import machine_now
from guantong.base.errors import GuantongError
from guantong.base.ids import new_id
from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.packages import api as packages
from guantong.packages.api import Row, Sheet
from guantong.portal.application_words import Names, find_package
from guantong.portal.errors import TableTooWide
from guantong.portal.people_acts import Fields, asked
from guantong.portal.people_forms import day_field, field, form, given, needed_day
from guantong.portal.people_words import actor_name, day_text
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.rule_access import draft_thing, release_thing, withdraw_thing
from guantong.portal.rule_tables import head
from guantong.portal.rule_words import RuleWords
from guantong.portal.views_rules import (
    Shown,
    banner,
    before,
    compared_with,
    crumbs,
    finding_rows,
    findings_of,
    names_of,
    shown_by,
    shown_version,
    version_of,
)

# The form of a larger table would hold more fields than a request may; it is edited as a whole.
MOST_CELLS = 800
MOST_LETTERS = 4_000
# What the graphical editor reads and writes: DMN 1.3. A table is written alike in later ones.
EDITOR = "https://www.omg.org/spec/DMN/20191111/MODEL/"


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, id: str, name: str) -> HttpResponse:
    """Begin a draft from the version that the address names: why, and from which day."""
    reader = reader_of(request)
    shown = shown_by(request, id, name)
    decide(request, "handle", draft_thing(reader, shown.package))
    words = RuleWords(shown.package, reader.language)
    made: list[UUID] = []
    what = banner(shown, names_of(shown.versions), words)["text"]

    def act() -> str:
        made.append(
            packages.draft_table(
                shown.package, shown.path, shown.content, why=_why(request),
                from_day=needed_day(request, "on"), by=actor_name(reader), at=machine_now(),
                from_version=shown.version.id if shown.version is not None else None,
            )
        )  # fmt: skip
        return words.say("rules.done_draft")

    answer = asked(
        request, title=words.say("rules.draft_title", table=words.table(shown.path)),
        of=(words.table(shown.path), shown.home),
        fields=lambda: _about(request, reader, words, "", reader.on.isoformat()),
        button=words.say("rules.begin"), act=act, done=shown.home,
        lead=words.say("rules.draft_lead", what=what),
        under=("rules.title", f"/apps/{shown.package.id}/rules"),
    )  # fmt: skip
    if made:
        return HttpResponseRedirect(f"/apps/{shown.package.id}/rules/drafts/{made[0]}")
    return answer


def _why(request: HttpRequest) -> str:
    return given(request, "why", most=packages.LONGEST_REASON + 1)


def _about(
    request: HttpRequest, reader: Reader, words: RuleWords, why: str, on: str
) -> list[dict[str, object]]:
    """Return the fields of every draft: the reason, and the day from which it is meant to hold."""
    sent = request.POST
    return [
        field("why", say("parameters.why", reader.language), widget="textarea",
              value=sent.get("why", why), hint=words.say("rules.why_hint"),
              max_length=packages.LONGEST_REASON),
        day_field("on", words.say("rules.from_day"), sent.get("on", on), reader.language),
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, id: str, version: UUID) -> HttpResponse:
    """Show a draft with its findings and its comparison, and take what is written at it."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    found = version_of(version, package, language)
    writes = may(reader, "handle", draft_thing(reader, package)).allowed
    if request.method == "POST":
        decide(request, "handle", draft_thing(reader, package))
    else:
        decide(request, "read", Thing(kind="package"))
    shown = shown_version(package, found)
    if found.state != packages.DRAFT:
        return HttpResponseRedirect(f"{shown.home}?version={found.id}")
    words = RuleWords(package, language)
    refused: GuantongError | None = None
    content = shown.content
    if request.method == "POST":
        try:
            content = _written(request, shown.content)
            packages.redraft_table(
                package, version, content, was=given(request, "was"), why=_why(request),
                from_day=needed_day(request, "on"), by=actor_name(reader), at=machine_now(),
            )  # fmt: skip
            messages.success(request, words.say("rules.done_saved"), extra_tags="fine")
            return HttpResponseRedirect(request.path + _anchor(request))
        except Refused:
            raise
        except GuantongError as refusal:
            refused = refusal
    return page(
        request,
        "rule_draft.html",
        status=409 if refused else 200,
        **_context(request, reader, shown, content, words, refused, writes=writes),
    )


def _context(
    request: HttpRequest,
    reader: Reader,
    shown: Shown,
    content: bytes,
    words: RuleWords,
    refused: GuantongError | None,
    *,
    writes: bool,
) -> dict[str, Any]:
    version = shown.version
    assert version is not None, "a draft is a version"
    title = words.say("rules.draft_of", table=words.table(shown.path))
    made = form(
        request.path, _about(request, reader, words, version.why, version.from_day.isoformat()),
        words.say("rules.save"), refused=refused, language=reader.language,
        hidden={"was": request.POST.get("was", version.digest)},
    )  # fmt: skip
    sheets = packages.sheets(content)
    cells = sum(len(sheet.rows) * len(sheet.columns) for sheet in sheets.values())
    release = may(reader, "approve", release_thing(reader, shown.package, version))
    withdraws = may(reader, "handle", withdraw_thing(reader, shown.package, version)).allowed
    return {
        "title": title,
        "crumbs": [
            *crumbs(shown.package, reader),
            {"title": words.say("rules.title"), "href": f"/apps/{shown.package.id}/rules"},
            {"title": words.table(shown.path), "href": shown.home},
            {"title": title, "href": None},
        ],
        "banner": banner(shown, names_of(shown.versions), words),
        "form": made,
        "writes": writes,
        "sheets": [_editable(sheet, words) for sheet in sheets.values()],
        "too_large": cells > MOST_CELLS,
        "xml": content.decode("utf-8", errors="replace"),
        "own_namespace": packages.namespace_of(content),
        "editor_namespace": EDITOR,
        "findings": finding_rows(findings_of(shown.package, shown.path, shown.content), words),
        "compared": compared_with(before(shown), shown.content, words),
        "moved": version.base_digest != packages.table_digest(before(shown)),
        "release_href": f"{request.path}/release" if release.allowed else "",
        "release_why_not": "" if release.allowed else release.sentence(reader.language),
        "withdraw_href": f"{request.path}/withdraw" if withdraws else "",
        "try_href": f"{shown.home}?version={version.id}#try",
        "file_href": f"{shown.home}.dmn?version={version.id}",
        "authors": words.say(
            "rules.written_by", at=moment_text(version.changed_at, words.language),
            who=", ".join(names_of_authors(shown)),
        ),
    }  # fmt: skip


def names_of_authors(shown: Shown) -> list[str]:
    """Return the names of everybody who wrote at a draft."""
    assert shown.version is not None, "a draft is a version"
    names = Names(shown.version.authors)
    return [names.who(who) for who in shown.version.authors]


def _editable(sheet: Sheet, words: RuleWords) -> dict[str, Any]:
    """Return a table whose cells are fields, each with a name that says where it stands."""
    heads = [head(column, words) for column in sheet.columns]
    return {
        "id": sheet.decision,
        "title": words.named(sheet.decision, sheet.name),
        "columns": heads,
        "rows": [
            {
                "id": row.id, "number": number,
                "cells": [
                    {
                        "name": f"cell:{sheet.decision}:{row.id}:{place}", "text": text,
                        "role": told["role"], "column": told["label"],
                        "label": words.say("rules.cell", column=told["label"], row=number),
                    }
                    for place, (text, told) in enumerate(zip(row.cells, heads, strict=True))
                ],
            }
            for number, row in enumerate(sheet.rows, 1)
        ],
    }  # fmt: skip


def _anchor(request: HttpRequest) -> str:
    """Return where on the page the writer goes on: at the row that was acted on."""
    act, _, where = given(request, "do").partition(":")
    if act in ("up", "down", "add"):
        return f"#row-{where.partition(':')[2]}"
    return "#findings" if act == "save" else ""


def _written(request: HttpRequest, content: bytes) -> bytes:
    """Return the file with what the form says: as text, or cell by cell and one act on a row."""
    if given(request, "do") == "file":
        return request.POST.get("xml", "").replace("\r\n", "\n").encode()
    for decision, sheet in packages.sheets(content).items():
        rows = _acted(_rows(request, sheet), given(request, "do"), sheet)
        if list(sheet.rows) != rows:
            content = packages.rewritten(content, decision, rows)
    return content


def _rows(request: HttpRequest, sheet: Sheet) -> list[Row]:
    """Return the rows as they were typed; a form that has none of a table leaves it as it is."""
    ids = request.POST.getlist(f"row:{sheet.decision}")
    if not ids:
        return list(sheet.rows)
    if len(ids) * len(sheet.columns) > MOST_CELLS or set(ids) != {row.id for row in sheet.rows}:
        raise TableTooWide()
    places = range(len(sheet.columns))
    return [
        Row(
            id,
            tuple(
                _cell(request.POST.get(f"cell:{sheet.decision}:{id}:{n}", ""), sheet, n)
                for n in places
            ),
        )
        for id in ids
    ]


def _cell(text: str, sheet: Sheet, place: int) -> str:
    """Return a cell as FEEL has it: what an input method writes for ≥ and － is meant as that."""
    plain = text.replace("\r\n", "\n").strip()[:MOST_LETTERS]
    if sheet.columns[place].role == "note" or '"' in plain:
        return plain
    return plain.translate(_SIGNS)


_SIGNS = str.maketrans(
    {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "=", "－": "-", "—": "-", "，": ","}
)


def _acted(rows: list[Row], act: str, sheet: Sheet) -> list[Row]:
    """Return the rows after one act on one of them."""
    verb, _, rest = act.partition(":")
    decision, _, id = rest.partition(":")
    places = {row.id: n for n, row in enumerate(rows)}
    if decision != sheet.decision or (id not in places and verb != "add"):
        return rows
    place = places.get(id, len(rows) - 1)
    if verb == "remove":
        return [row for row in rows if row.id != id]
    if verb == "add":
        empty = tuple("-" if column.role == "input" else "" for column in sheet.columns)
        return [*rows[: place + 1], Row(f"rule_{new_id().hex}", empty), *rows[place + 1 :]]
    other = place - 1 if verb == "up" else place + 1
    if verb in ("up", "down") and 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, id: str, version: UUID) -> HttpResponse:
    """Release a draft from a day on: somebody who did not write at it, after looking."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    found = version_of(version, package, language)
    decide(request, "approve", release_thing(reader, package, found))
    shown, words = shown_version(package, found), RuleWords(package, language)
    day = max(found.from_day, reader.on).isoformat()

    def fields() -> Fields:
        return [
            day_field("on", words.say("rules.from_day"), request.POST.get("on", day), language),
            field("why", say("parameters.why", language), widget="textarea",
                  value=request.POST.get("why", ""), hint=words.say("rules.release_hint"),
                  max_length=packages.LONGEST_REASON),
        ]  # fmt: skip

    def preview() -> Sequence[str]:
        return _what_changes(shown, words, needed_day(request, "on"))

    def act() -> str:
        since = needed_day(request, "on")
        packages.release_table(
            package, version, from_day=since, why=_why(request), by=actor_name(reader),
            at=machine_now(),
        )  # fmt: skip
        return words.say("rules.done_released", day=day_text(since, language))

    return asked(
        request, title=words.say("rules.release_title", table=words.table(found.path)),
        of=(words.table(found.path), shown.home), fields=fields, button=words.say("rules.release"),
        act=act, done=shown.home, preview=preview,
        lead=words.say("rules.release_lead", why=found.why, who=", ".join(names_of_authors(shown))),
        under=("rules.title", f"/apps/{package.id}/rules"),
    )  # fmt: skip


def _what_changes(shown: Shown, words: RuleWords, since: date) -> list[str]:
    """Say what a release would change, what follows it, and what it leaves alone."""
    compared = compared_with(before(shown), shown.content, words)
    rows = sum(len(one["rows"]) + len(one["head"]) for one in compared["tables"])
    errors = sum(f.level == "error" for f in findings_of(shown.package, shown.path, shown.content))
    found = [
        words.say("rules.preview", day=day_text(since, words.language), count=rows),
        words.say("rules.preview_errors", count=errors)
        if errors
        else words.say("rules.preview_sound"),
    ]
    found += [
        words.say("rules.preview_next", day=moment_text(v.begins_at, words.language))
        for v in packages.coming(shown.versions, machine_now())
    ]
    return [*found, words.say("rules.preview_when")]


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, id: str, version: UUID) -> HttpResponse:
    """Take a draft back, or a released version before it begins."""
    reader = reader_of(request)
    language = reader.language
    package = find_package(id, language)
    found = version_of(version, package, language)
    decide(request, "handle", withdraw_thing(reader, package, found))
    shown, words = shown_version(package, found), RuleWords(package, language)

    def act() -> str:
        packages.withdraw_table(version, why=_why(request), by=actor_name(reader), at=machine_now())
        return words.say("rules.done_withdrawn")

    def fields() -> Fields:
        return [
            field("why", say("parameters.why", language), widget="textarea",
                  value=request.POST.get("why", ""), hint=words.say("rules.why_hint"),
                  max_length=packages.LONGEST_REASON)
        ]  # fmt: skip

    return asked(
        request, title=words.say("rules.withdraw_title", table=words.table(found.path)),
        of=(words.table(found.path), shown.home), fields=fields, button=words.say("rules.withdraw"),
        act=act, done=shown.home, lead=words.say("rules.withdraw_lead"), danger=True,
        under=("rules.title", f"/apps/{package.id}/rules"),
    )  # fmt: skip
