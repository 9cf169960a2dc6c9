"""How the running cases of an earlier release go over to a package: ``migrations/<version>.yaml``.

The file's name is the version whose cases it is about. Read here, once, for the doctor, the dry run
and whoever carries it out; what is declared wrongly is the doctor's to say.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guantong.bpmn.api import Carriage, Graph
from guantong.feel.api import Expression, parse
from guantong.flows.api import Move, Process, Variable, rests
from guantong.packages.document import Document
from guantong.packages.package import Package

STAYS = "stays"


def moves_from(package: Package) -> Mapping[str, Document]:
    """Return what a package declares of running cases, by the version they run under."""
    return {document.stem: document for document in package.each("migrations")}


def version_of(package: Package) -> str:
    """Return the version a package gives itself; empty where it has no manifest."""
    app = package.one("app")
    return (
        str(app.data.get("version", "")) if app is not None and isinstance(app.data, dict) else ""
    )


def carriage_of(old: Graph, new: Graph, said: Mapping[str, Any]) -> Carriage:
    """Return where the tokens of a process go, as one entry of a file says it."""
    steps = {place: None if to == STAYS else to for place, to in said["steps"].items()}
    return Carriage(old=old, new=new, steps=steps, timers=said.get("timers", {}), rests=rests)


def condition_of(said: Mapping[str, Any]) -> Expression | None:
    """Return which cases go over; none where all do."""
    return parse(said["cases"]) if "cases" in said else None


def variables_of(said: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Return the variables that an entry of a file gives another name, value or default."""
    return tuple(
        Variable(
            name=name, was=one.get("from", name), default=one.get("default"),
            values=one.get("values", {}),
        )
        for name, one in said.get("variables", {}).items()
    )  # fmt: skip


def move_of(old: Process, new: Process, said: Mapping[str, Any]) -> Move:
    """Return how the cases of a process go over, as one entry of a file says it."""
    return Move(
        old=old, new=new, carriage=carriage_of(old.graph, new.graph, said),
        condition=condition_of(said), variables=variables_of(said),
    )  # fmt: skip


def process_in(package: Package, name: str, *, release: str) -> Process:
    """Return a process of a package as its cases are carried by it."""
    graph = package.flows[name]
    return Process(
        id=graph.process_id, package=package.id, graph=graph, release=release,
        xml=package.documents[f"flows/{name}.bpmn"].content, forms=package.forms,
    )  # fmt: skip


def moves_between(
    old: Package, new: Package, *, was: str, becomes: str
) -> Iterator[tuple[Move, Mapping[str, Any]]]:
    """Yield how cases go over from one release to another, with what was said of each process."""
    document = moves_from(new).get(version_of(old))
    for name, said in document.data["flows"].items() if document is not None else ():
        if name in old.flows and name in new.flows:
            pair = process_in(old, name, release=was), process_in(new, name, release=becomes)
            yield move_of(*pair, said), said
