"""The decision tables of an application: what decides, since when, and what it would decide.

Everybody in a post reads them, and tries them with values of their own: whoever is decided about
may be told by which row. Which version a page shows stands in its address.
"""

import functools
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Thing
from guantong.base.clock import BEIJING, local_day, machine_now
from guantong.base.errors import GuantongError, NotFound
from guantong.base.reading import figure_text, moment_text
from guantong.base.words import say
from guantong.dmn.api import LiteralExpression, Model, read
from guantong.packages import api as packages
from guantong.packages.api import Finding, Package, Version
from guantong.portal.application_words import UNDER, Names, find_package, package_title
from guantong.portal.lists import address, count_text
from guantong.portal.people_words import day_text
from guantong.portal.reader import Reader, decide, may, page, reader_of
from guantong.portal.rule_access import draft_thing
from guantong.portal.rule_tables import comparison, picture, table
from guantong.portal.rule_trying import (
    PREFIX,
    Tried,
    decision_of,
    fields,
    inputs_of,
    tried,
    values_of,
)
from guantong.portal.rule_words import LIGHTS, RuleWords, state_of, version_sentence
from guantong.portal.views_export import csv_file
from guantong.portal.views_parameters import value_text

OWN = "own"
_COLUMNS = ("title", "decisions", "policy", "rows", "used_by", "state", "drafts", "findings")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One version of one table as a page shows it; without a version it is the package's own."""

    package: Package
    path: str
    name: str
    versions: list[Version]
    version: Version | None
    content: bytes
    on: date | None = None

    @property
    def home(self) -> str:
        """The address of the table."""
        return f"/apps/{self.package.id}/rules/{self.name}"


@require_safe
def rules(request: HttpRequest, id: str) -> HttpResponse:
    """Show the decision tables of an application, with how each stands."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="package"))
    package = find_package(id, reader.language)
    words = RuleWords(package, reader.language)
    versions = packages.table_versions(package.id)
    rows = [
        {"cells": _cells(package, document.path, versions, words)}
        for document in package.each("rules")
    ]
    return page(
        request,
        "rules.html",
        title=words.say("rules.title"),
        lead=words.say("rules.lead"),
        crumbs=crumbs(package, reader, words.say("rules.title")),
        columns=[
            {"label": words.say(f"rules.column_{key}"), "right": key in ("rows", "findings")}
            for key in _COLUMNS
        ],
        rows=rows,
        pager={"count_text": count_text(len(rows), reader.language)},
    )


def _cells(
    package: Package, path: str, versions: list[Version], words: RuleWords
) -> list[dict[str, object]]:
    mine = [v for v in versions if v.path == path]
    now = packages.holding(mine, machine_now())
    content = packages.table_content(now) if now is not None else package.documents[path].content
    sheets = list(packages.sheets(content).values())
    drafts = sum(v.state == packages.DRAFT for v in mine)
    name = path.removeprefix("rules/").removesuffix(".dmn")
    found = findings_of(package, path, content)
    state = words.say("rules.state_own") if now is None else words.say(
        "rules.state_since", since=moment_text(now.begins_at, words.language)
    )  # fmt: skip
    return [
        {"text": words.table(path), "href": f"/apps/{package.id}/rules/{name}"},
        {"text": ", ".join(words.named(one.decision, one.name) for one in sheets)},
        {"text": ", ".join(dict.fromkeys(one.hit_policy for one in sheets))},
        {"text": figure_text(sum(len(one.rows) for one in sheets)), "right": True},
        {"text": ", ".join(title for title, _ in _used_by(package, path, words))},
        {"text": state, "light": "grey" if now is None else "green"},
        {"text": figure_text(drafts) if drafts else "–"},
        {"text": figure_text(len(found)), "right": True},
    ]


@require_safe
def rule(request: HttpRequest, id: str, name: str) -> HttpResponse:
    """Show one file of tables, try it with the values of the address, and list its versions."""
    reader = reader_of(request)
    decide(request, "read", Thing(kind="package"))
    shown = shown_by(request, id, name)
    words = RuleWords(shown.package, reader.language)
    names = names_of(shown.versions)
    model = read(shown.content)
    sheets, nodes = packages.sheets(shown.content), packages.graph(shown.content)
    asked, tried_ = _trying(request, reader, shown, model, words)
    marked = _marked(tried_, words) if tried_ else _asked_rows(request, shown.content, words)
    return page(
        request,
        "rule.html",
        title=words.table(shown.path),
        crumbs=[
            *crumbs(shown.package, reader),
            {"title": words.say("rules.title"), "href": f"/apps/{shown.package.id}/rules"},
            {"title": words.table(shown.path), "href": None},
        ],
        banner=banner(shown, names, words),
        facts=_facts(shown, words),
        tables=[table(sheet, words, marked.get(id)) for id, sheet in sheets.items()],
        formulas=[
            {
                "id": leaf.decision_id,
                "title": words.named(leaf.decision_id, leaf.name),
                "text": leaf.formula.text,
            }
            for d in model.decisions
            for leaf in d.logic.leaves()
            if isinstance(leaf, LiteralExpression)
        ],
        graph=picture(nodes, words),
        trying=asked,
        tried=tried_,
        noted=bool(marked) and tried_ is None,
        findings=finding_rows(findings_of(shown.package, shown.path, shown.content), words),
        compared=_compared(shown, words),
        history=history_rows(shown, names, words),
        ask_on={"value": request.GET.get("on", ""), "action": shown.home},
        draft_href=_draft_href(reader, shown),
        file_href=address(f"{shown.home}.dmn", version=_version_text(shown)),
        sheets_href=[
            {
                "title": words.named(id, sheet.name),
                "href": address(f"{shown.home}.csv", decision=id, version=_version_text(shown)),
            }
            for id, sheet in sheets.items()
        ],
        now_href=shown.home if shown.version is not None or shown.on is not None else "",
    )  # fmt: skip


@require_safe
def rule_file(request: HttpRequest, id: str, name: str) -> HttpResponse:
    """Give a version's file, byte for byte as it is kept."""
    decide(request, "read", Thing(kind="package"))
    shown = shown_by(request, id, name)
    answer = HttpResponse(shown.content, content_type="application/xml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{shown.name}.dmn"'
    return answer


@require_safe
def rule_csv(request: HttpRequest, id: str, name: str) -> StreamingHttpResponse:
    """Export one table as a file: the text of each cell as it stands."""
    reader = reader_of(request)
    decision = decide(request, "read", Thing(kind="package"))
    shown = shown_by(request, id, name)
    sheets = packages.sheets(shown.content)
    asked = request.GET.get("decision", "") or next(iter(sheets), "")
    if asked not in sheets:
        raise NotFound(what=asked[:60])
    words, sheet = RuleWords(shown.package, reader.language), sheets[asked]
    heads = [words.say("rules.number"), *(words.column(column) for column in sheet.columns)]
    rows = ([number, *row.cells] for number, row in enumerate(sheet.rows, 1))
    return csv_file(reader, decision, f"{shown.name}-{asked}"[:80], heads, rows)


def shown_by(request: HttpRequest, id: str, name: str) -> Shown:
    """Return the version that an address asks for: a named one, that of a day, else what holds."""
    reader = reader_of(request)
    package = find_package(id, reader.language)
    path = packages.path_of(package, name)
    versions = packages.table_versions(package.id, path)
    asked, on, now = request.GET.get("version", ""), _day(request.GET.get("on", "")), machine_now()
    if asked and asked != OWN:
        version = next((v for v in versions if str(v.id) == asked and not v.own_file), None)
        if version is None:
            raise NotFound(what=say("rules.version", reader.language))
        content = packages.table_content(version)
    elif asked == OWN:
        version, content = None, package.documents[path].content
    else:
        version, content = packages.table_at(package, path, _moment(on, now))
    return Shown(
        package=package, path=path, name=name, versions=versions, version=version, content=content,
        on=None if asked else on,
    )  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text else None
    except ValueError:
        return None


def _moment(on: date | None, now: datetime) -> datetime:
    """Return the moment asked about: the end of a day, and of today the present."""
    if on is None or on == local_day(now):
        return now
    return datetime.combine(on, time(), tzinfo=BEIJING) + timedelta(days=1, microseconds=-1)


def _version_text(shown: Shown) -> str:
    return OWN if shown.version is None else str(shown.version.id)


def crumbs(package: Package, reader: Reader, here: str = "") -> list[dict[str, object]]:
    """Return the way down to the tables of an application."""
    found: list[dict[str, object]] = [
        {"title": say(UNDER[0], reader.language), "href": UNDER[1]},
        {"title": package_title(package, reader.language), "href": f"/apps/{package.id}"},
    ]
    return [*found, {"title": here, "href": None}] if here else found


def names_of(versions: list[Version]) -> Names:
    """Return what the people of these versions are called."""
    return Names([who for v in versions for who in (v.by, v.released_by, v.ended_by)])


def banner(shown: Shown, names: Names, words: RuleWords) -> dict[str, str]:
    """Say which version is shown: what holds, what holds on a day, or another one."""
    now = machine_now()
    if shown.version is None:
        text = words.say("rules.is_own", version=_own_version(shown))
        light = "green" if packages.holding(shown.versions, now) is None else "grey"
    else:
        text = version_sentence(shown.version, shown.versions, now, names, words.language)
        light = LIGHTS[state_of(shown.version, shown.versions, now)]
    if shown.on is not None:
        text = words.say("rules.on_day", day=day_text(shown.on, words.language), text=text)
    return {"text": text, "light": light, "why": shown.version.why if shown.version else ""}


def _own_version(shown: Shown) -> str:
    app = shown.package.one("app")
    return "" if app is None else str(app.data["version"])


def _facts(shown: Shown, words: RuleWords) -> list[dict[str, Any]]:
    used = [
        {"text": title, "href": href} for title, href in _used_by(shown.package, shown.path, words)
    ]
    found: list[dict[str, Any]] = [
        {"label": words.say("rules.file"), "parts": [{"text": shown.path, "href": ""}]},
        {
            "label": words.say("rules.column_used_by"),
            "parts": used or [{"text": words.say("rules.used_by_nobody"), "href": ""}],
        },
    ]
    if shown.version is not None and shown.version.released_why:
        found.append(
            {
                "label": words.say("rules.released_why"),
                "parts": [{"text": shown.version.released_why, "href": ""}],
            }
        )
    return found


def _used_by(package: Package, path: str, words: RuleWords) -> list[tuple[str, str]]:
    """Return the signals that ask a table, and the flows they open, with their addresses."""
    found = []
    for document in package.each("signals"):
        if document.data["rule"] == path:
            flow = document.data["opens"]["flow"]
            signal = package.say(document.data["title"], words.language)
            found += [
                (words.say("rules.signal", title=signal), f"/data/{document.data['on']}"),
                (words.say("rules.flow", name=flow), f"/apps/{package.id}/flows/{flow}"),
            ]
    return found


def _preferred(package: Package, path: str) -> str:
    asks = (s.data["decision"] for s in package.each("signals") if s.data["rule"] == path)
    return next(asks, "")


def _trying(
    request: HttpRequest, reader: Reader, shown: Shown, model: Model, words: RuleWords
) -> tuple[dict[str, Any], Tried | None]:
    """Return the form for trying, and what came of the values in the address."""
    sheets, nodes = packages.sheets(shown.content), packages.graph(shown.content)
    decision = decision_of(
        model, request.GET.get("decision", ""), _preferred(shown.package, shown.path)
    )
    inputs = inputs_of(decision, sheets, nodes, shown.package, words)
    asked = any(name.startswith(PREFIX) for name in request.GET)
    values, errors = values_of(inputs, request.GET, reader.language) if asked else ({}, {})
    filled = _filled(reader, shown.package, {one.name for one in inputs}, words)
    form = {
        "action": f"{shown.home}#answer",
        "fields": fields(inputs, request.GET, errors, filled, words),
        "errors": [{"field": PREFIX + name, "sentence": text} for name, text in errors.items()],
        "title": words.named(decision.id, decision.name),
        "decision": decision.id,
        "decisions": [
            {"id": d.id, "title": words.named(d.id, d.name), "current": d.id == decision.id}
            for d in model.decisions
        ],
        "version": _version_text(shown) if shown.version or request.GET.get("version") else "",
    }  # fmt: skip
    if not asked or errors:
        return form, None
    return form, tried(decision, values, words.labels(sheets.values()), reader.language)


def _filled(
    reader: Reader, package: Package, names: set[str], words: RuleWords
) -> dict[str, tuple[str, str]]:
    """Return values that are known: of parameters that are called as an input is."""
    known = {n: p for n, p in packages.parameters_of(package).items() if n in names}
    if not known:
        return {}
    place = reader.actor.posts[0].division_code if reader.actor.posts else ""
    settings = packages.settings_of(package.id)
    return {
        name: (
            value_text(
                packages.in_force(
                    one, [s for s in settings if s.parameter == name], place, reader.on
                )
            ),
            words.say("rules.from_parameter"),
        )
        for name, one in known.items()
    }  # fmt: skip


def _marked(tried_: Tried, words: RuleWords) -> dict[str, dict[int, str]]:
    """Return the numbers of the rows that hit, by decision."""
    return {
        id: {hit.index: words.say("rules.hit") for hit in outcome.hits}
        for id, outcome in tried_.outcomes.items()
    }


def _asked_rows(
    request: HttpRequest, content: bytes, words: RuleWords
) -> dict[str, dict[int, str]]:
    """Return the rows that an address names: those that decided about an alert."""
    wanted = set(request.GET.getlist("row")[:50])
    return {
        id: {
            n: words.say("rules.decided") for n, row in enumerate(sheet.rows, 1) if row.id in wanted
        }
        for id, sheet in (packages.sheets(content).items() if wanted else ())
    }


@functools.lru_cache(maxsize=64)
def findings_of(package: Package, path: str, content: bytes) -> tuple[Finding, ...]:
    """Return what the doctor finds about a version; the same content is examined once."""
    try:
        return tuple(packages.examined_table(package, path, content))
    except GuantongError:
        return ()


def finding_rows(found: tuple[Finding, ...], words: RuleWords) -> list[dict[str, str]]:
    """Return findings as lights and sentences."""
    return [
        {
            "light": "red" if one.level == "error" else "yellow",
            "word": words.say(f"rules.level_{one.level}"),
            "text": one.sentence(words.language),
        }
        for one in found
    ]


def before(shown: Shown) -> bytes:
    """Return the table that a version is compared with: what holds, or what held before it."""
    version = shown.version
    assert version is not None, "only a version is compared"
    at = machine_now()
    if version.state == packages.RELEASED and version.begins_at is not None:
        at = version.begins_at - timedelta(microseconds=1)
        if version.holds_later(machine_now()):
            at = machine_now()
    return packages.table_at(shown.package, shown.path, at)[1]


def _compared(shown: Shown, words: RuleWords) -> dict[str, Any] | None:
    if shown.version is None:
        return None
    return compared_with(before(shown), shown.content, words)


def compared_with(was: bytes, now: bytes, words: RuleWords) -> dict[str, Any]:
    """Return what differs between two files of tables."""
    found = packages.compare_all(packages.sheets(was), packages.sheets(now))
    return {"tables": [comparison(one, words) for one in found], "same": not found}


def history_rows(shown: Shown, names: Names, words: RuleWords) -> list[dict[str, Any]]:
    """Return every version with its dates, the newest first; the package's file at the end."""
    now = machine_now()
    found: list[dict[str, Any]] = []
    for version in shown.versions:
        state = state_of(version, shown.versions, now)
        if version.own_file:
            href = address(shown.home, version=OWN)
        elif state == "draft":
            href = f"/apps/{shown.package.id}/rules/drafts/{version.id}"
        else:
            href = address(shown.home, version=version.id)
        found.append(
            {
                "light": LIGHTS[state], "word": words.say(f"rules.state_{state}"), "href": href,
                "text": version_sentence(version, shown.versions, now, names, words.language),
                "why": version.ended_why or version.released_why or version.why,
                "current": version == shown.version,
            }
        )  # fmt: skip
    holds = packages.holding(shown.versions, now) is None
    found.append(
        {
            "light": "green" if holds else "grey", "word": words.say("rules.state_package"),
            "href": address(shown.home, version=OWN), "why": "",
            "text": words.say("rules.is_own", version=_own_version(shown)),
            "current": shown.version is None,
        }
    )  # fmt: skip
    return found


def _draft_href(reader: Reader, shown: Shown) -> str:
    thing = draft_thing(reader, shown.package)
    near = not set(thing.unit_ids).isdisjoint(reader.actor.unit_ids)
    if not near or not may(reader, "handle", thing).allowed:
        return ""
    return address(f"{shown.home}/draft", version=_version_text(shown))


def version_of(id: UUID, package: Package, language: str) -> Version:
    """Return a version of a package's tables, or refuse: there is none."""
    found = packages.table_version(id)
    if found.package != package.id or found.path not in package.documents:
        raise NotFound(what=say("rules.version", language))
    return found


def shown_version(package: Package, version: Version) -> Shown:
    """Return a version as its own page shows it."""
    return Shown(
        package=package, path=version.path,
        name=version.path.removeprefix("rules/").removesuffix(".dmn"),
        versions=packages.table_versions(package.id, version.path), version=version,
        content=packages.table_content(version),
    )  # fmt: skip
