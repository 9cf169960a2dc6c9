"""Cases: the list, and one case with its timeline, its flow picture and what it rests on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from guantong.access.api import Rows, Thing
from guantong.base.errors import NotFound
from guantong.base.reading import figure_text
from guantong.base.words import say
from guantong.bpmn.api import State
from guantong.brain import api as brain
from guantong.flows import api as flows
from guantong.flows.api import CaseView, TaskView
from guantong.orgs import api as orgs
from guantong.packages.api import all_installed, installed, installed_at, releases_of
from guantong.portal import views_opening
from guantong.portal.file_part import part
from guantong.portal.file_records import case_record, task_record
from guantong.portal.flow_picture import labelled, steps_behind
from guantong.portal.lists import address, chip, hidden, pager
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.things import case_thing, lead_lines
from guantong.portal.views_documents import documents_part
from guantong.portal.views_inbox import search_for, task_rows
from guantong.portal.views_task import act_form
from guantong.portal.wording import (
    Places,
    case_state,
    left_text,
    level_light,
    level_word,
    place_name,
    places_of,
    task_left,
    title_of_case,
    word,
)

HERE = "/cases"


def all_leads() -> tuple[str, ...]:
    """Return the lines that lead an installed package."""
    return tuple(dict.fromkeys(line for p in all_installed() for line in lead_lines(p.id)))


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """List the cases of the reader's area, newest first."""
    reader = reader_of(request)
    language = reader.language
    decision = decide(request, "read", Thing(kind="case", lines=all_leads()))
    text = request.GET.get("q", "").strip()
    state = request.GET.get("state", "")
    state = state if state in ("open", "closed") else ""
    level = request.GET.get("level", "")
    level = level if level in flows.LEVELS else ""
    found, counts = flows.cases(
        reader.realm, rows=decision.rows, now=reader.now, search=search_for(text, reader),
        state=state, level=level, after=request.GET.get("after"),
        before=request.GET.get("before"),
    )  # fmt: skip
    known = places_of(case.division_code for case in found.rows)
    choices = (("", "cases.all"), ("open", "cases.open"), ("closed", "cases.closed"))
    totals = {"": sum(counts.values()), **counts}
    return page(
        request,
        "cases.html",
        title=say("cases.title", language),
        crumbs=[],
        chips=[
            chip(say(key, language), address(HERE, state=name, q=text, level=level),
                 current=name == state, count=totals[name])
            for name, key in choices
        ],
        q=text,
        search_label=say("cases.search", language),
        query_hidden=hidden({"state": state, "level": level}),
        here=HERE,
        rows=case_rows(found.rows, reader, known),
        empty={"title": say("cases.empty", language), "text": say("cases.empty_text", language)},
        pager=pager(found, HERE, {"state": state, "q": text, "level": level}, language),
        export_href=address(f"{HERE}.csv", state=state, q=text, level=level),
        openings=views_opening.links(reader),
    )  # fmt: skip


def case_rows(found: Sequence[CaseView], reader: Reader, known: Places) -> list[dict[str, object]]:
    """Return cases for ``parts/list.html``."""
    language = reader.language
    return [
        {
            "id": case.id,
            "href": f"{HERE}/{case.id}",
            "title": title_of_case(case, known, language),
            "facts": [case.number, _task_fact(case, language)],
            "light": level_light(case.level),
            "light_word": level_word(case.level, language),
            "state": case_state(case.state, language),
            "late": case.late_tasks > 0,
            "left_text": _case_left(case, reader),
            "choosable": False,
        }
        for case in found
    ]


def _task_fact(case: CaseView, language: str) -> str:
    open_tasks, tasks = figure_text(case.open_tasks), figure_text(case.tasks)
    return say("cases.task_fact", language, open=open_tasks, tasks=tasks)


def _case_left(case: CaseView, reader: Reader) -> str:
    if case.closed_at is not None:
        return ""
    if case.late_tasks:
        late = figure_text(case.late_tasks)
        return say("cases.late_fact", reader.language, count=late)
    return left_text(case.limit_at, reader.now, reader.language)


def find(request: HttpRequest, id: UUID) -> tuple[CaseView, Rows]:
    """Return a case the reader may see, and the rows of its tasks; anything else is refused."""
    reader = reader_of(request)
    found = flows.case(reader.realm, id, now=reader.now)
    if found is None:
        raise NotFound(what=say("access.kind.case", reader.language))
    decide(request, "read", case_thing(found, flows.units_of_case(reader.realm, id)))
    # Of the tasks in it, those the reader's posts may see: asked for the county as a list.
    tasks = decide(request, "read", Thing(kind="task", lines=lead_lines(found.package)))
    return found, tasks.rows


@require_safe
def case(request: HttpRequest, id: UUID) -> HttpResponse:
    """Show one case."""
    reader = reader_of(request)
    language = reader.language
    found, rows = find(request, id)
    steps = flows.steps_of_case(reader.realm, id)
    urgent, counts = flows.tasks_of_case(reader.realm, id, rows=rows)
    known = places_of([found.division_code, *(task.division_code for task in urgent)])
    own = next((t for t in steps if t.waits and t.unit_id in reader.actor.unit_ids), None)
    act, act_refused = _act(own, reader, f"{HERE}/{id}")
    title = title_of_case(found, known, language)
    return page(
        request,
        "case.html",
        crumbs=[
            {"title": say("cases.title", language), "href": HERE},
            {"title": title, "href": None},
        ],
        case=_head(found, steps, title, known, reader, request.build_absolute_uri(request.path)),
        entered=views_opening.entered(found, language),
        timeline=_timeline(found, rows, reader),
        here=f"{HERE}/{id}",
        flow=_flow(found, steps, language),
        tasks=task_rows(urgent, reader, known),
        act=act,
        act_refused=act_refused,
        up=_up(found, language),
        down=_down(found, reader),
        related=[
            *_related(found, counts, language),
            *views_opening.related(reader, found, _case_rows(request)),
        ],
        files=_files(found, [*steps, *urgent], reader),
        documents=documents_part(reader, case_record(reader, found)),
    )


def _case_rows(request: HttpRequest) -> Rows:
    """Return the rows of cases that the reader sees as a list."""
    return decide(request, "read", Thing(kind="case", lines=all_leads())).rows


def _files(case: CaseView, tasks: Sequence[TaskView], reader: Reader) -> dict[str, object]:
    """Return the files of the case and of the tasks shown with it; one may add to the case."""
    own = case_record(reader, case)
    return part(reader, [own, *(task_record(task) for task in tasks)], own)


def _act(
    own: TaskView | None, reader: Reader, next_href: str
) -> tuple[dict[str, object] | None, str | None]:
    if own is None:
        return None, None
    form, refused = act_form(own, reader, next_href)
    title = word(own.package, own.title, reader.language, place=own.division_code)
    lead = task_left(own, reader.now, reader.language)
    return ({"title": title, "lead": lead, "form": form} if form else None), refused


def _head(
    case: CaseView, steps: Sequence[TaskView], title: str, known: Places, reader: Reader, link: str
) -> dict[str, object]:
    language = reader.language
    open_steps = [task for task in steps if task.waits]
    holders = dict.fromkeys(task.unit(language) for task in open_steps or steps[-1:])
    parents = {task.coordinating_id for task in steps if task.coordinating_id is not None}
    coordinating = orgs.units_by_id(parents)
    limit = min((task.limit_at for task in open_steps), default=case.limit_at)
    # A step of the city has the city to coordinate it; the case is its own place's to coordinate.
    own = [unit for unit in coordinating.values() if unit.division_code == case.division_code]
    names = dict.fromkeys(unit.name(language) for unit in own or coordinating.values())
    return {
        "number": case.number,
        "title": title,
        "light": level_light(case.level),
        "level_word": level_word(case.level, language),
        "state_word": case_state(case.state, language),
        "place": place_name(case.division_code, known, language),
        "holder": say("list.and", language).join(holders) or "–",
        "coordinating": say("list.and", language).join(names) or None,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "left_text": left_text(limit, reader.now, language),
        "late": case.closed_at is None and limit is not None and limit < reader.now,
        "package_title": case.package,
        "copy_href": link,
    }


def _timeline(case: CaseView, rows: Rows, reader: Reader) -> list[dict[str, Any]]:
    language = reader.language
    found = flows.timeline(reader.realm, case.id, rows=rows)
    people = orgs.names_of_people({h.person_id for h in found if h.person_id is not None})
    entries: list[dict[str, Any]] = []
    if case.closed_at is not None:
        entries.append(_entry(case.closed_at, say("timeline.case_closed", language), "", ""))
    for h in found:
        unit = h.unit_name if language == "zh-CN" else h.unit_name_en
        title = word(case.package, h.title, language, place=case.division_code)
        what = say(f"timeline.{h.what}", language)
        if h.kind == "step" or h.count == 1:
            person = people[h.person_id][1] if h.person_id in people else ""
            who = " ".join(part for part in (unit, person) if part)
        else:
            who = say("timeline.many", language, count=figure_text(h.count))
        entries.append(_entry(h.at, f"{title} · {what}", "", who))
    moved = [_moved(case, one, language) for one in flows.moves_of_case(case.id)]
    entries = sorted([*entries, *moved], key=lambda entry: entry["at"], reverse=True)
    entries.append(_entry(case.opened_at, say("timeline.case_opened", language), "", ""))
    entries[0]["now"] = True
    return entries


def _moved(case: CaseView, one: flows.Moved, language: str) -> dict[str, Any]:
    """Return the entry of a case that went over to another release."""
    versions = {str(r.id): r.version for r in releases_of(case.package)}
    package = installed_at(case.package, case.division_code)
    ways = (
        "" if package is None else say("list.and", language).join(
            package.say(f"node.{step}", language) for step in steps
        )
        for steps in (one.from_places, one.to_places)
    )  # fmt: skip
    before, after = ways
    what = say(
        "timeline.case_moved", language, was=versions.get(one.was, ""),
        becomes=versions.get(one.becomes, ""), before=before, after=after,
    )  # fmt: skip
    return _entry(one.at, what, "", "")


def _entry(at: datetime, what: str, detail: str, who: str) -> dict[str, Any]:
    return {"at": at, "what": what, "detail": detail, "who": who, "href": None, "now": False}


def _flow(case: CaseView, steps: Sequence[TaskView], language: str) -> dict[str, object] | None:
    """Return the flow picture: what is done, where the case stands, and the steps in words."""
    package = installed_at(case.package, case.division_code)
    if package is None or not case.tokens:
        return None
    graph = flows.process_of(case.package, case.process, case.release).graph
    current = [token.node for token in State.from_json(case.tokens).tokens]
    # A case that went over has done steps under the names they had then.
    since = {old: new for new, was in case.data.get("former_steps", {}).items() for old in was}
    done_steps = {task.item for task in steps if task.state == "closed_out"}
    closed = {since.get(item, item) for item in done_steps} & graph.nodes.keys()
    done = closed | steps_behind(graph, [*current, *closed])
    if case.state == "closed":
        ends = [node.id for node in graph.nodes.values() if not node.outgoing]
        done |= steps_behind(graph, ends) | set(ends)
    done -= set(current)
    named = [node for node in graph.nodes.values() if node.kind.value.endswith("Task")]
    words = {True: say("flow.now", language), False: say("flow.ahead", language)}
    return {
        "bpmn_href": f"{HERE}/{case.id}/process.bpmn",
        "current": " ".join(sorted(set(current))),
        "done": " ".join(sorted(done)),
        "steps": [
            {
                "title": package.say(f"node.{node.id}", language),
                "state_word": say("flow.done", language)
                if node.id in done
                else words[node.id in current],
                "now": node.id in current,
            }
            for node in named
        ],
    }


def _up(case: CaseView, language: str) -> list[dict[str, object]]:
    """Return the figures that count this case or its tasks."""
    package = installed(case.package)
    if package is None:
        return []
    return [
        {
            "title": package.say(indicator.title, language),
            "href": address(f"/figures/{indicator.id}", area=case.division_code),
            "text": "",
        }
        for indicator in brain.indicators()
        if indicator.package == case.package
        and {"flows.task", "flows.case"} & set(brain.datasets_read(indicator.sql))
    ]


def _down(case: CaseView, reader: Reader) -> list[dict[str, object]]:
    """Return what the case rests on: its alert, and the rule that last spoke with what it saw."""
    language = reader.language
    alert = brain.alert_of_case(reader.realm, case.id)
    package = installed_at(case.package, case.division_code)
    if alert is None or package is None:
        return []
    kind = brain.signal_kind(alert.signal)
    highest = level_word(alert.highest_level, language)
    found: list[dict[str, object]] = [
        {
            "title": package.say(kind.title, language),
            "href": f"/cockpit/{case.division_code}",
            "text": say("case.alert_highest", language, level=highest),
        }
    ]
    signals = brain.signals_of_matter(reader.realm, alert.signal, alert.matter)
    if signals:
        last = signals[-1]
        rules = ", ".join(hit[0] for hit in last.hits if hit)
        facts = ", ".join(f"{name} = {_short(value)}" for name, value in last.facts.items())
        text = say("case.rule_said", language, level=level_word(last.level, language), facts=facts)
        found.append(
            {
                "title": f"{kind.decision.name} {rules}".strip(),
                "href": _rows_that_decided(alert.package, alert.signal, last),
                "text": text,
            }
        )
    return found


def _rows_that_decided(package_id: str, signal: str, said: brain.SignalView) -> str | None:
    """Return the address of the table by which a signal was decided, its rows marked."""
    package = installed(package_id)
    documents = package.each("signals") if package is not None else ()
    path = next((d.data["rule"] for d in documents if d.data["id"] == signal), None)
    if path is None:
        return None
    rows = [hit[0] for hit in said.hits if hit]
    query = urlencode({"version": said.rule_version or "own", "row": rows}, doseq=True)
    anchor = f"#row-{rows[0]}" if rows else ""
    return f"/apps/{package_id}/rules/{PurePosixPath(path).stem}?{query}{anchor}"


def _short(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _related(
    case: CaseView, counts: Mapping[tuple[str, str], int], language: str
) -> list[dict[str, object]]:
    """Return the headcount of the case's area, where its package counts one of its plan items."""
    package = installed(case.package)
    if package is None:
        return []
    found: list[dict[str, object]] = []
    for document in package.each("pages"):
        item = document.data.get("plan_item")
        if item is not None and any(name == item for name, _ in counts):
            total = sum(
                n for (name, state), n in counts.items() if name == item and state != "withdrawn"
            )
            title = package.say(document.data["title"], language)
            text = say("cases.task_total", language, count=figure_text(total))
            href = f"/evacuation/{case.division_code}"
            found.append({"title": title, "href": href, "text": text})
    return found


@require_safe
def process_picture(request: HttpRequest, id: UUID) -> HttpResponse:
    """Serve the original process of a case, its labels in the reader's language."""
    reader = reader_of(request)
    found, _ = find(request, id)
    package = installed_at(found.package, found.division_code)
    if package is None:
        raise NotFound(what=found.process)
    process = flows.process_of(found.package, found.process, found.release)
    xml = labelled(process.xml, process.graph, package, reader.language)
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")
