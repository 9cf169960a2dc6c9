"""Does every name lead somewhere?

A signal on a dataset that is not there never sounds; a process that names a missing plan stops
in the night it is needed. Each broken name is told where it is written, with the nearest one
that exists.
"""

from collections.abc import Collection, Iterator
from typing import Any

from guantong.packages.doctor.known import NEEDED_SETTING, SERVICES
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject, columns, custom, custom_at
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("references")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield every name of a file, dataset, column, item or service that does not exist."""
    yield from _signals(subject)
    yield from _contracts(subject)
    yield from _plans(subject)
    yield from _pages(subject)
    yield from _replay(subject)
    yield from _flows(subject)


def _missing(
    document: Document, what: str, name: object, known: Collection[str], *keys: str | int
) -> Iterator[Finding]:
    """Yield one finding where ``name`` is not known."""
    if name not in known:
        near = nearest(name, known)
        yield _REPORT.error(document, what, *keys, name=name, near=near or "-")


def _columns_of(subject: Subject, id: str) -> dict[str, Any] | None:
    """Return the columns of a dataset or object; none where its file is missing or unsound."""
    document = {**subject.by_id("datasets"), **subject.by_id("objects")}.get(id)
    return None if document is None else columns(document)


def _signals(subject: Subject) -> Iterator[Finding]:
    for document in subject.each("signals"):
        signal = document.data
        yield from _missing(document, "dataset", signal["on"], subject.ids("datasets"), "on")
        rules = [rule.path for rule in subject.package.each("rules")]
        yield from _missing(document, "file", signal["rule"], rules, "rule")
        flows = [flow.stem for flow in subject.package.each("flows")]
        yield from _missing(document, "flow", signal["opens"]["flow"], flows, "opens", "flow")
        model = subject.compiled(subject.package.documents.get(signal["rule"]))
        if model is not None:
            names = [name for one in model.decisions for name in (one.id, one.name)]
            yield from _missing(document, "decision", signal["decision"], names, "decision")
        known = _columns_of(subject, signal["on"])
        if known is None:
            continue
        for key in ("division", "at"):
            yield from _missing(document, "column", signal[key], known, key)
        for key in ("same_matter", "keep"):
            for place, name in enumerate(signal.get(key, [])):
                yield from _missing(document, "column", name, known, key, place)


def _contracts(subject: Subject) -> Iterator[Finding]:
    contracts = [*subject.each("datasets"), *subject.each("objects")]
    tables = {document.data["schema"][0]["name"]: document for document in contracts}
    files = subject.package.documents
    for document in contracts:
        own, properties = columns(document), custom(document)
        for name in ("sample", "derivedBy"):
            if name in properties:
                keys = custom_at(document, name)
                yield from _missing(document, "file", properties[name], files, *keys)
        standing = {("division", properties.get("division"))} - {("division", None)}
        standing |= {("geometry", name) for name in properties.get("geometry", {}).values()}
        for key, column_name in sorted(standing):
            yield from _missing(document, "column", column_name, own, *custom_at(document, key))
        for place, column in enumerate(document.data["schema"][0]["properties"]):
            for relation in column.get("relationships", []):
                table, _, target = relation["to"].partition(".")
                keys = ("schema", 0, "properties", place)
                if subject.whole("datasets", "objects"):
                    yield from _missing(document, "table", table, tables, *keys)
                if table in tables:
                    yield from _missing(document, "column", target, columns(tables[table]), *keys)


def _plans(subject: Subject) -> Iterator[Finding]:
    forms = [form.stem for form in subject.package.each("forms")]
    for document in subject.each("plans"):
        for place, item in enumerate(document.data["items"]):
            if "form" in item:
                yield from _missing(document, "form", item["form"], forms, "items", place, "form")
            each = item.get("for_each", {})
            keys = ("items", place, "for_each")
            if "object" not in each:
                continue
            yield from _missing(document, "object", each["object"], subject.ids("objects"), *keys)
            known = _columns_of(subject, each["object"])
            if known is None:
                continue
            for key, name in (
                ("for_each", each.get("from_level")),
                ("destination", item.get("destination")),
            ):
                if name is not None:
                    yield from _missing(document, "column", name, known, "items", place, key)


def _pages(subject: Subject) -> Iterator[Finding]:
    indicators = subject.ids("indicators")
    items = {item["id"]: item for plan in subject.each("plans") for item in plan.data["items"]}
    for document in subject.each("pages"):
        page = document.data
        for place, figure in enumerate(page.get("figures", [])):
            yield from _missing(document, "indicator", figure, indicators, "figures", place)
        if "index" in page:
            indexes = subject.ids("indexes")
            yield from _missing(document, "index", page["index"], indexes, "index")
        if league := page.get("league"):
            name = league["indicator"]
            yield from _missing(document, "indicator", name, indicators, "league", "indicator")
        if shown := page.get("map"):
            signals = subject.ids("signals")
            yield from _missing(document, "signal", shown["colour_by"], signals, "map", "colour_by")
            track = dict(shown.get("track", {}))
            if track:
                id = track.pop("dataset")
                datasets = subject.ids("datasets")
                yield from _missing(document, "dataset", id, datasets, "map", "track", "dataset")
                known = _columns_of(subject, id)
                for key, name in track.items() if known is not None else ():
                    yield from _missing(document, "column", name, known or (), "map", "track", key)
        if page["kind"] == "headcount":
            if subject.whole("plans"):
                yield from _missing(document, "item", page["plan_item"], items, "plan_item")
            objects = subject.ids("objects")
            yield from _missing(document, "object", page["object"], objects, "object")
            known = _columns_of(subject, page["object"])
            if known is not None:
                yield from _missing(document, "column", page["people"], known, "people")
            item = items.get(page["plan_item"])
            if item and item.get("for_each", {}).get("object") != page["object"]:
                yield _REPORT.error(
                    document, "other-object", "object",
                    name=page["object"], item=page["plan_item"],
                )  # fmt: skip


def _replay(subject: Subject) -> Iterator[Finding]:
    document = subject.one("replay")
    if document is None:
        return
    files = subject.package.documents
    yield from _missing(document, "file", document.data["scenario"], files, "scenario")
    for name, given in document.data["inputs"].items():
        keys = ("inputs", name)
        datasets = subject.ids("datasets")
        yield from _missing(document, "dataset", given["dataset"], datasets, *keys, "dataset")
        yield from _missing(document, "file", given["default"], files, *keys, "default")
        known = _columns_of(subject, given["dataset"])
        if known is not None:
            yield from _missing(document, "column", given["at"], known, *keys, "at")


def _flows(subject: Subject) -> Iterator[Finding]:
    package = subject.package
    forms = [form.stem for form in package.each("forms")]
    plans = [plan.path for plan in package.each("plans")]
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            at = line_of(document, f'id="{node.id}"')
            for what, name, known in (
                ("service", node.service, SERVICES),
                ("form", node.form, forms),
                ("file", node.settings.get("plan"), plans),
            ):
                if name is not None and name not in known:
                    near = nearest(name, known) or "-"
                    yield _REPORT.error(document, what, at=at, name=name, near=near)
            needed = NEEDED_SETTING.get(node.service or "")
            if needed is not None and needed not in node.settings:
                yield _REPORT.error(
                    document, "setting", at=at, name=node.id, service=node.service, setting=needed
                )
