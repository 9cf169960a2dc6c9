"""Is everything called as its place says, and no two things the same?

Whoever reads an id anywhere must find its file without a search, and a second package must
not be able to take it. Datasets, objects and signals are read by one name, so they share one
list.
"""

from collections.abc import Iterator

from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

_REPORT = Report("ids")
_PREFIXED = ("datasets", "objects", "signals", "plans", "indicators", "indexes")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield ids that differ from their folder, file or package, and ids given twice."""
    package = subject.package
    app = subject.one("app")
    if app is not None and app.data["id"] != package.folder.name:
        yield _REPORT.error(app, "not-folder", "id", id=app.data["id"], folder=package.folder.name)
    for kind in _PREFIXED:
        for document in subject.each(kind):
            wanted = f"{package.id}.{document.stem}"
            if document.data["id"] != wanted:
                yield _REPORT.error(
                    document, "not-file", "id", id=document.data["id"], wanted=wanted
                )
    for kind in ("forms", "pages"):
        for document in subject.each(kind):
            if document.data["id"] != document.stem:
                yield _REPORT.error(
                    document, "not-file", "id", id=document.data["id"], wanted=document.stem
                )
    for document, graph in subject.flows.values():
        if graph.process_id != document.stem:
            yield _REPORT.error(
                document, "not-file", at=graph.line, id=graph.process_id, wanted=document.stem
            )
    yield from _twice(subject)
    yield from _items_twice(subject)


def _twice(subject: Subject) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for kind in ("datasets", "objects", "signals"):
        for document in subject.each(kind):
            id = document.data["id"]
            if id in first:
                yield _REPORT.error(document, "twice", "id", id=id, other=first[id])
            first.setdefault(id, document.path)
    for id, document in subject.kept_by.items():
        if id in first:
            at = line_of(document, "<startEvent")
            yield _REPORT.error(document, "twice", at=at, id=id, other=first[id])


def _items_twice(subject: Subject) -> Iterator[Finding]:
    """Yield plan items and tasks that share a name: actors and figures name them by it."""
    first: dict[str, str] = {}
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            if node.role is not None:
                if node.id in first:
                    at = line_of(document, f'id="{node.id}"')
                    yield _REPORT.error(document, "twice", at=at, id=node.id, other=first[node.id])
                first.setdefault(node.id, document.path)
    for document in subject.each("plans"):
        for place, item in enumerate(document.data["items"]):
            id = item["id"]
            if id in first:
                keys = ("items", place, "id")
                yield _REPORT.error(document, "twice", *keys, id=id, other=first[id])
            first.setdefault(id, document.path)
