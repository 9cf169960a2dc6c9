"""What the stories of a package can speak of: its tasks, the forms they ask, who stands by them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guantong.bpmn.api import Graph, Kind
from guantong.feel.api import FeelSyntax, FeelTooMuch, parse, text_of
from guantong.forms.api import Field, Form
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest


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


def answer_faults(
    report: Report, document: Document, keys: tuple[str | int, ...], text: str, field: Field
) -> Iterator[Finding]:
    """Yield what keeps an answer of a story, ``= `` and FEEL, from being one of its field."""
    if not text.startswith("="):
        return  # a message key, which the question of words asks for
    try:
        value = parse(text[1:].strip()).evaluate({})
    except (FeelSyntax, FeelTooMuch) as refusal:
        yield report.error(document, "unreadable", *keys, cause=refusal)
        return
    options = {option.value for option in field.options}
    # Null: it depends on the case. What is certain can be compared.
    if options and value is not None and text_of(value) not in options:
        near = nearest(value, options)
        yield report.error(document, "not-a-choice", *keys, value=value, near=near)


def _sent_by(graph: Graph) -> set[str]:
    return {
        node.settings["plan"]
        for node in graph.nodes.values()
        if node.service == "plan" and "plan" in node.settings
    }
