"""Is nothing made out of itself?

A dataset derived from itself, or two from each other, is made anew each time it has been made: the
first landing starts a chain that nothing ends.
"""

from collections.abc import Iterator, Mapping

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.statements import datasets_in
from guantong.packages.doctor.subject import Subject, custom, custom_at
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("cycles")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield each derived dataset from which a way leads back to itself."""
    inputs: dict[str, set[str]] = {}
    documents: dict[str, Document] = {}
    for document in subject.each("datasets"):
        if "derivedBy" in custom(document):
            sql = subject.package.beside(document, ".sql")
            read = datasets_in(sql.text) if sql is not None else []
            inputs[document.data["id"]] = {*custom(document).get("derivedFrom", []), *read}
            documents[document.data["id"]] = document
    for id, document in documents.items():
        way = _way_back(id, inputs)
        if way:
            keys = custom_at(document, "derivedFrom")
            yield _REPORT.error(document, "circle", *keys, way=" → ".join((id, *way)))


def _way_back(id: str, inputs: Mapping[str, set[str]]) -> tuple[str, ...]:
    """Return the shortest way from a dataset through its inputs to itself; empty where none is."""
    ahead: list[tuple[str, ...]] = [(name,) for name in sorted(inputs[id])]
    seen: set[str] = set()
    while ahead:
        way = ahead.pop(0)
        if way[-1] == id:
            return way
        if way[-1] not in seen:
            seen.add(way[-1])
            ahead += [(*way, name) for name in sorted(inputs.get(way[-1], ()))]
    return ()
