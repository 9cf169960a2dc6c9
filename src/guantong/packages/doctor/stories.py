"""What the stories of a package can speak of: its tasks, the forms they ask, who stands by them."""

from collections.abc import Mapping
from dataclasses import dataclass

from guantong.bpmn.api import Graph, Kind
from guantong.forms.api import Form
from guantong.packages.doctor.report import line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document


@dataclass(frozen=True)
class Task:
    """A step or an item that a person does. ``flows`` are the processes it belongs to."""

    name: str
    document: Document
    line: int
    form: Form | None
    verified: bool
    of_plan: bool
    flows: frozenset[str]


def tasks(subject: Subject) -> Mapping[str, Task]:
    """Return every task of a person, by its name in scenarios."""
    found = {}
    sent: dict[str, set[str]] = {}
    for document, graph in subject.flows.values():
        verified = {node.verifies for node in graph.nodes.values()}
        for path in _sent_by(graph):
            sent.setdefault(path, set()).add(document.stem)
        for node in graph.nodes.values():
            if node.kind in (Kind.USER, Kind.MANUAL):
                at = line_of(document, f'id="{node.id}"')
                form, flows = subject.forms.get(node.form or ""), frozenset({document.stem})
                found[node.id] = Task(
                    node.id, document, at, form, node.id in verified, False, flows
                )
    for document in subject.each("plans"):
        flows = frozenset(sent.get(document.path, ()))
        for place, item in enumerate(document.data["items"]):
            at, form = document.line("items", place), subject.forms.get(item.get("form", ""))
            found[item["id"]] = Task(item["id"], document, at, form, "verify" in item, True, flows)
    return found


def _sent_by(graph: Graph) -> set[str]:
    return {
        node.settings["plan"]
        for node in graph.nodes.values()
        if node.service == "plan" and "plan" in node.settings
    }
