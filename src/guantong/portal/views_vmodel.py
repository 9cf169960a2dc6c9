"""The V-model of an application for officers: the picture, its tables and files, its processes.

Which models, and whose states: ``guantong.portal.vmodel_here``.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_safe

from guantong.base.errors import NotFound
from guantong.base.words import say
from guantong.bpmn.api import Kind, Node, duration
from guantong.packages.api import Carrier, Demand, Package
from guantong.portal.application_words import APPLICATIONS, find_package, package_title
from guantong.portal.flow_picture import labelled
from guantong.portal.lists import chip, count_text
from guantong.portal.reader import Reader, decide, page, reader_of
from guantong.portal.role_words import role_words
from guantong.portal.views_export import csv_file
from guantong.portal.vmodel_here import demands_here, models_here
from guantong.portal.vmodel_picture import picture, worst
from guantong.portal.vmodel_tables import NONE, file_rows, line, section, with_labels
from guantong.portal.vmodel_words import LIGHTS, VModelWords, length_text

_STEP_COLUMNS = ("step", "role", "limit", "form", "unit")
SECTIONS = ("picture", "units", "cooperation", "sharing", "demand")


@require_safe
def vmodel(request: HttpRequest, id: str) -> HttpResponse:
    """Show the V-model of an installed application, one section at a time."""
    reader = reader_of(request)
    decide(request, "read", APPLICATIONS)
    package = find_package(id, reader.language)
    found = models_here(package)
    if found is None:
        return page(request, "vmodel.html", **_frame(package, reader), empty=True)
    words = VModelWords(package=package, models=found, language=reader.language)
    demands = demands_here(found)
    show = request.GET.get("show", "")
    show = show if show in SECTIONS else SECTIONS[0]
    shown = _shown(request, show, words, demands)
    return page(
        request,
        "vmodel.html",
        **_frame(package, reader),
        show=show,
        tabs=[
            chip(
                words.say(f"vmodel.show.{name}"), f"{words.path}?show={name}", current=name == show
            )
            for name in SECTIONS
        ],
        complete={"specified": found.completeness.specified, "leaves": found.completeness.leaves},
        lights=[{"light": light, "word": words.state(s)} for s, light in LIGHTS.items()],
        **shown,
    )


@require_safe
def sheet(request: HttpRequest, id: str, sheet: str) -> StreamingHttpResponse:
    """Export one section as a file."""
    reader = reader_of(request)
    decision = decide(request, "read", APPLICATIONS)
    package = find_package(id, reader.language)
    found = models_here(package)
    if found is None or sheet not in SECTIONS[1:]:
        raise NotFound(what=f"{id} {sheet}")
    words = VModelWords(package=package, models=found, language=reader.language)
    heads, rows = file_rows(sheet, words, demands_here(found))
    return csv_file(reader, decision, f"{id}-{sheet}", heads, rows)


@require_safe
def flow(request: HttpRequest, id: str, name: str) -> HttpResponse:
    """Show a process of an application as it was drawn, each step with its unit of work."""
    reader = reader_of(request)
    decide(request, "read", APPLICATIONS)
    package = find_package(id, reader.language)
    graph = package.flows.get(name)
    if graph is None:
        raise NotFound(what=name)
    found = models_here(package)
    words = VModelWords(package=package, models=found, language=reader.language) if found else None
    asked = request.GET.get("step", "")
    steps = [node for node in graph.nodes.values() if node.kind in (Kind.USER, Kind.SERVICE)]
    columns = [say(f"vmodel.column.{key}", reader.language) for key in _STEP_COLUMNS]
    rows = [
        row
        for node in steps
        for row in (
            _step(package, words, name, node, reader.language),
            *_items(package, words, node, reader.language),
        )
    ]
    return page(
        request,
        "process.html",
        title=say("vmodel.process", reader.language, name=name),
        crumbs=[*_crumbs(package, reader), _vmodel_crumb(package, reader), _last(name)],
        bpmn_href=f"/apps/{id}/flows/{name}.bpmn",
        step=asked if asked in graph.nodes else "",
        columns=columns,
        rows=with_labels(columns, rows),
    )


@require_safe
def flow_bpmn(request: HttpRequest, id: str, name: str) -> HttpResponse:
    """Serve the original process, its labels in the reader's language."""
    reader = reader_of(request)
    decide(request, "read", APPLICATIONS)
    package = find_package(id, reader.language)
    document = package.documents.get(f"flows/{name}.bpmn")
    if document is None:
        raise NotFound(what=name)
    xml = labelled(document.content, package.flows[name], package, reader.language)
    return HttpResponse(xml, content_type="application/xml; charset=utf-8")


def complete_text(package: Package) -> str:
    """Return how many units of work of a package are fully specified; a dash without a V-model."""
    found = models_here(package)
    if found is None:
        return "–"
    return f"{found.completeness.specified} / {found.completeness.leaves}"


def _shown(
    request: HttpRequest, show: str, words: VModelWords, demands: tuple[Demand, ...]
) -> dict[str, Any]:
    if show == "picture":
        return {"picture": picture(words, demands), "arm": _arm(words, demands)}
    chosen, asked = request.GET.get("choose", ""), request.GET.get("q", "").strip()[:60]
    made = section(show, words, demands, chosen=chosen, asked=asked)
    return {
        "columns": made.columns,
        "rows": made.rows,
        "chips": made.chips,
        "q": asked,
        "query_hidden": [{"name": "show", "value": show}, {"name": "choose", "value": chosen}],
        "pager": {"count_text": count_text(len(made.rows), words.language)},
        "lead": words.say(f"vmodel.lead.{show}"),
        "export_href": f"{words.path}/{show}.csv",
    }


def _arm(words: VModelWords, demands: tuple[Demand, ...]) -> dict[str, Any]:
    """Return the same V as lists one under another, for a narrow screen."""
    model, states = words.models.model, worst(demands)
    return {
        "goals": [
            {
                "title": words.package.say(goal.title, words.language),
                "target": words.target(goal),
                "indicator": words.carrier(Carrier("indicator", goal.indicator)),
                "href": f"/figures/{goal.indicator}",
            }
            for goal in model.goals
        ],
        "tasks": [
            {
                "title": f"{number} {words.package.say(task.title, words.language)}",
                "count": words.say("vmodel.units_count", count=len(task.units)),
                "units": [
                    {
                        "title": words.unit(unit.id),
                        "href": words.unit_href(unit.id),
                        "role": words.role(unit.role),
                        "limit": words.length(unit.limit),
                        "light": LIGHTS[states.get(unit.id, "nothing")],
                        "state": words.state(states.get(unit.id, "nothing")),
                        "carriers": [
                            {"text": words.carrier_with_kind(c), "href": words.carrier_href(c)}
                            for c in unit.done_by
                        ],
                    }
                    for unit in task.units
                ],
            }
            for number, task in enumerate(model.tasks, start=1)
        ],
        "scenarios": [
            words.package.say(document.data["scenario"], words.language)
            for document in words.package.each("scenarios")
        ],
    }


def _step(
    package: Package, words: VModelWords | None, name: str, node: Node, language: str
) -> dict[str, Any]:
    """Return one step as a row, and the items it expands as rows below it."""
    unit = words.models.model.unit_of.get(Carrier("step", name, node.id)) if words else None
    form = package.forms.get(node.form or "")
    title = package.say(f"node.{node.id}", language)
    cells = [
        [line(title)],
        [line(role_words(node.role, language) if node.role else say("vmodel.platform", language))],
        [line(length_text(node.limit, language))],
        [line(package.say(form.title, language) if form is not None else NONE)],
        [_unit_line(words, unit)],
    ]
    return {"id": f"step-{node.id}", "mark": "", "cells": cells}


def _items(
    package: Package, words: VModelWords | None, node: Node, language: str
) -> list[dict[str, Any]]:
    """Return the items of the plan that a step expands, one row each."""
    plan = package.documents.get(node.settings.get("plan", "")) if node.service == "plan" else None
    if plan is None:
        return []
    rows = []
    for item in plan.data["items"]:
        carrier = Carrier("item", plan.data["id"], item["id"])
        unit = words.models.model.unit_of.get(carrier) if words else None
        cells = [
            [
                line(package.say(item["title"], language)),
                line(package.say(plan.data["title"], language), quiet=True),
            ],
            [line(role_words(item["role"], language))],
            [line(length_text(duration(item["limit"]), language))],
            [line(NONE)],
            [_unit_line(words, unit)],
        ]
        rows.append({"id": f"item-{item['id']}", "mark": "", "cells": cells})
    return rows


def _unit_line(words: VModelWords | None, unit: str | None) -> dict[str, object]:
    if words is None or unit is None:
        return line(NONE)
    return line(words.unit(unit), href=words.unit_href(unit))


def _frame(package: Package, reader: Reader) -> dict[str, Any]:
    title = say("vmodel.title", reader.language)
    return {
        "title": title,
        "app": package_title(package, reader.language),
        "path": f"/apps/{package.id}/vmodel",
        "crumbs": [*_crumbs(package, reader), _last(title)],
    }


def _crumbs(package: Package, reader: Reader) -> list[dict[str, object]]:
    return [
        {"title": say("apps.heading", reader.language), "href": "/apps"},
        {"title": package_title(package, reader.language), "href": None},
    ]


def _vmodel_crumb(package: Package, reader: Reader) -> dict[str, object]:
    return {"title": say("vmodel.title", reader.language), "href": f"/apps/{package.id}/vmodel"}


def _last(title: str) -> dict[str, object]:
    return {"title": title, "href": None}
