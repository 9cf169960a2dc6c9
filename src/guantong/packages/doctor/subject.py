"""The package as the questions see it: only files that keep their schema, and what they make.

A file that breaks its schema is told once, by the question ``schema``; the others pass over
it, but its id still counts as there, so that one fault does not become twenty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from guantong.base.errors import GuantongError
from guantong.bpmn.api import Graph
from guantong.flows.api import keeps
from guantong.forms.api import Form
from guantong.orgs.api import Province
from guantong.packages.doctor import closed
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.kinds.known import by_name
from guantong.packages.package import Package


@dataclass(frozen=True, eq=False)
class Subject:
    """One package under examination, in one province or in none, beside other applications.

    ``former`` are earlier releases of it whose cases may be under way.
    """

    package: Package
    province: Province | None = None
    others: tuple[Package, ...] = ()
    former: tuple[Package, ...] = ()

    @cached_property
    def schema_findings(self) -> list[Finding]:
        """Return what is wrong with files as such."""
        documents = self.package.documents.values()
        return [*self.package.strays, *(f for d in documents for f in closed.faults(d))]

    @cached_property
    def unsound(self) -> frozenset[str]:
        """Return the paths of the files that cannot be read, or do not keep their schema."""
        return frozenset(finding.path for finding in self.schema_findings)

    def each(self, kind: str) -> Iterator[Document]:
        """Yield the files of a kind that keep their schema."""
        return (d for d in self.package.each(kind) if d.path not in self.unsound)

    def one(self, kind: str) -> Document | None:
        """Return the only file of a kind, if it is there and keeps its schema."""
        return next(self.each(kind), None)

    def whole(self, *kinds: str) -> bool:
        """Say whether every file of these kinds can be read, so that "nobody names it" holds.

        What only an unreadable file may name is not missing: the file is told, not its like.
        """
        documents = [document for kind in kinds for document in self.package.each(kind)]
        return all(
            document.path not in self.unsound
            and (not by_name(document.kind).compiles or self.refusal(document) is None)
            for document in documents
        )

    def ids(self, *kinds: str) -> set[str]:
        """Return the ids of every file of these kinds, sound or not."""
        documents = [document for kind in kinds for document in self.package.each(kind)]
        named = (d.data.get("id") for d in documents if isinstance(d.data, dict))
        return {str(name) for name in named if name is not None}

    def by_id(self, kind: str) -> Mapping[str, Document]:
        """Return the sound files of a kind by their id."""
        return {document.data["id"]: document for document in self.each(kind)}

    @cached_property
    def foreign(self) -> Mapping[str, tuple[Package, Document]]:
        """Return the datasets and objects of the other applications by id, each with its owner."""
        return {
            document.data["id"]: (other, document)
            for other in self.others
            for kind in ("datasets", "objects")
            for document in other.each(kind)
        }

    def compiled(self, document: Document | None) -> Any:
        """Return what an engine makes of a file; none where it refuses it."""
        if document is None or document.path in self.unsound:
            return None
        try:
            return self.package.compiled(document)
        except GuantongError:
            return None

    def refusal(self, document: Document) -> GuantongError | None:
        """Return why an engine refuses a file, if it does."""
        try:
            self.package.compiled(document)
        except GuantongError as refusal:
            return refusal
        return None

    @cached_property
    def flows(self) -> Mapping[str, tuple[Document, Graph]]:
        """Return the readable processes by the name of their file."""
        pairs = ((document, self.compiled(document)) for document in self.each("flows"))
        return {document.stem: (document, graph) for document, graph in pairs if graph is not None}

    @cached_property
    def kept_by(self) -> Mapping[str, Document]:
        """Return the process behind each table of cases that keeps answers, by the table's id."""
        return {
            f"{self.package.id}.{name}": document
            for name, (document, graph) in self.flows.items()
            if keeps(graph)
        }

    @cached_property
    def forms(self) -> Mapping[str, Form]:
        """Return the readable forms by id."""
        found = (self.compiled(document) for document in self.each("forms"))
        return {form.id: form for form in found if form is not None}

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Return the levels of all signals, rising."""
        found = (level for signal in self.each("signals") for level in signal.data["levels"])
        return tuple(dict.fromkeys(found))


def custom(document: Document) -> dict[str, Any]:
    """Return the properties we add to a contract, by name."""
    return {entry["property"]: entry["value"] for entry in document.data["customProperties"]}


def custom_at(document: Document, name: str) -> tuple[str | int, ...]:
    """Return the keys under which the value of such a property stands."""
    for place, entry in enumerate(document.data["customProperties"]):
        if entry["property"] == name:
            return ("customProperties", place, "value")
    return ("customProperties",)


def columns(document: Document) -> dict[str, dict[str, Any]]:
    """Return the columns of a contract by name."""
    return {column["name"]: column for column in document.data["schema"][0]["properties"]}


def column_at(document: Document, name: str) -> tuple[str | int, ...]:
    """Return the keys under which a column of a contract stands."""
    names = [column["name"] for column in document.data["schema"][0]["properties"]]
    return ("schema", 0, "properties", names.index(name)) if name in names else ("schema",)


def choices(column: Mapping[str, Any]) -> list[Any]:
    """Return the values a column of a contract allows; empty where it allows any."""
    for check in column.get("quality", []):
        if values := check.get("arguments", {}).get("validValues"):
            return list(values)
    return []
