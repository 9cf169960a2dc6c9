"""Has every wait an owner and a limit?

Promise P1: every wait has an owner, a limit and an escalation. A task without a limit is never
late, and a task without a role is nobody's.
"""

from collections.abc import Iterator

from guantong.bpmn.api import Kind, duration
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

_REPORT = Report("waits")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield tasks without a role or limit, and limits that leave no time at all."""
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            at = line_of(document, f'id="{node.id}"')
            if node.kind in (Kind.USER, Kind.MANUAL):
                if node.role is None:
                    yield _REPORT.error(document, "no-role", at=at, task=node.id)
                if node.limit is None:
                    yield _REPORT.error(document, "no-limit", at=at, task=node.id)
                elif not node.limit:
                    yield _REPORT.error(document, "no-time", at=at, task=node.id)
            if node.kind is Kind.TIMER and not node.duration:
                yield _REPORT.error(document, "no-time", at=at, task=node.id)
    for document in subject.each("plans"):
        for place, item in enumerate(document.data["items"]):
            if not duration(item["limit"]):
                keys = ("items", place, "limit")
                yield _REPORT.error(document, "no-time", *keys, task=item["id"])
