"""Does everything in a process come after what it rests on?

A gateway that asks before anybody has answered sends every case the default way; a step that
accepts work not done yet accepts nothing. Tasks that close on the return home stay open where no
step says that people are home, and a plan that no step sends out is never carried out.
"""

from collections.abc import Iterator

from guantong.bpmn.api import Graph, Kind, Node, avoiding, onward
from guantong.feel.api import names_in
from guantong.packages.doctor.known import ALERT_LEVEL, CHANGE, RESPONSE_LEVEL
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("order")
# Services that look at the tasks of plans sent out before; to stand down lowers the level, too.
_OF_TASKS = frozenset({"await_tasks", "return"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what a process asks, accepts or waits for before it can be there, or in vain."""
    for document, graph in subject.flows.values():
        if graph.faults or len(graph.starts) != 1:
            continue  # told by the question of flows
        if subject.whole("forms"):
            yield from _asks(subject, document, graph)
            yield from _watches(subject, document, graph)
        yield from _accepts(document, graph)
        yield from _services(subject, document, graph)
    yield from _plans(subject)


def _asks(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    """Yield conditions on answers that a token can come to before anybody gave them."""
    for flow in graph.flows.values():
        if flow.condition is None:
            continue
        for name in sorted(names_in(flow.condition) - {ALERT_LEVEL}):
            giving = {node.id for node in graph.nodes.values() if _gives(subject, node, name)}
            # Where nobody ever answers, the question of flows tells it.
            if giving and flow.source in avoiding(graph, giving):
                at = line_of(document, f'id="{flow.id}"')
                yield _REPORT.error(document, "too-early", at=at, flow=flow.id, name=name)


def _gives(subject: Subject, node: Node, name: str) -> bool:
    if name == CHANGE:
        return node.service == "watch_alert"
    form = subject.forms.get(node.form or "")
    asked = {field.name for field in form.fields} if form is not None else set()
    return name in asked or node.result == name


def _watches(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    """Yield looks at an alert whose level nobody has answered: each of them says raised."""
    deciding = {node.id for node in graph.nodes.values() if _gives(subject, node, RESPONSE_LEVEL)}
    open_ = avoiding(graph, deciding)
    for node in graph.nodes.values():
        if node.service == "watch_alert" and node.id in open_:
            at = line_of(document, f'id="{node.id}"')
            yield _REPORT.error(document, "level-undecided", at=at, task=node.id)


def _accepts(document: Document, graph: Graph) -> Iterator[Finding]:
    """Yield steps that accept work to which a token need not have come before them."""
    for node in graph.nodes.values():
        done = node.verifies
        if done is None or done not in graph.nodes or done == node.id:
            continue  # told by the questions of flows and of separation
        if node.id in avoiding(graph, {done}):
            at = line_of(document, f'id="{node.id}"')
            yield _REPORT.error(document, "accepts-before", at=at, task=node.id, work=done)


def _services(subject: Subject, document: Document, graph: Graph) -> Iterator[Finding]:
    sending = [node for node in graph.nodes.values() if node.service == "plan"]
    after = {id for node in sending for id in _behind(graph, node)}
    for node in graph.nodes.values():
        # A case that sent nothing out may wait for nothing; one that never can waits in vain.
        if node.service in _OF_TASKS and node.id not in after:
            at = line_of(document, f'id="{node.id}"')
            yield _REPORT.error(document, "nothing-sent", at=at, task=node.id, service=node.service)
    if any(node.service == "return" for node in graph.nodes.values()):
        return
    plans = {plan.path: plan for plan in subject.each("plans")}
    for node in sending:
        plan = plans.get(node.settings.get("plan", ""))
        for place, item in enumerate(plan.data["items"]) if plan is not None else ():
            if "closes" in item and plan is not None:
                keys = ("items", place, "closes")
                said: dict[str, object] = {"item": item["id"], "flow": document.stem}
                yield _REPORT.error(plan, "never-closes", at=plan.line(*keys), **said)


def _behind(graph: Graph, node: Node) -> set[str]:
    """Return the nodes a token can come to after this one."""
    seen: set[str] = set()
    ahead = [node.id]
    while ahead:
        for neighbour in onward(graph, graph.nodes[ahead.pop()]):
            if neighbour not in seen:
                seen.add(neighbour)
                ahead.append(neighbour)
    return seen


def _plans(subject: Subject) -> Iterator[Finding]:
    """Yield plans that no step of any process sends out."""
    if not subject.whole("flows"):
        return
    sent = {
        node.settings.get("plan")
        for _, graph in subject.flows.values()
        for node in graph.nodes.values()
        if node.kind is Kind.SERVICE and node.service == "plan"
    }
    for plan in subject.each("plans"):
        if plan.path not in sent:
            yield _REPORT.error(plan, "never-sent", "id")
