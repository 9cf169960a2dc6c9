"""Are finder, doer and accepter different persons?

Promise P2. The kernel refuses the same person at the moment of acting; a package must not be
written so that nobody else could act. The same role may verify where the unit has two posts;
that is a warning, because somebody must have seen to the second post.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from guantong.base.errors import GuantongError
from guantong.orgs.api import DivisionRef, Gap, Province, Role, resolve
from guantong.packages.doctor.questions.roles import Places, has_unit, written
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("separation")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield work that the one who did it would accept, or that nobody accepts."""
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            at = line_of(document, f'id="{node.id}"')
            if node.verifies is None:
                continue
            if node.verifies == node.id:
                yield _REPORT.error(document, "itself", at=at, task=node.id)
                continue
            done = graph.nodes.get(node.verifies)
            if done is not None and done.role is not None and node.role is not None:
                yield from _same(subject, document, at, node.id, done.role, node.role)
                if node.separate != done.id:
                    yield from _named_alike(subject, document, at, node.id, done.role, node.role)
    for document in subject.each("plans"):
        acknowledges = is_acknowledgement(document.data)
        for place, item in enumerate(document.data["items"]):
            if "verify" in item:
                at = document.line("items", place, "verify")
                yield from _same(subject, document, at, item["id"], item["role"], item["verify"])
            elif not acknowledges:
                yield _REPORT.warning(document, "nobody", "items", place, task=item["id"])


def is_acknowledgement(plan: Mapping[str, Any]) -> bool:
    """Say whether a plan only asks to be acknowledged: no item depends on a level or an object."""
    return all(
        not item.keys() & {"from_level", "verify", "closes"}
        and "object" not in item.get("for_each", {})
        for item in plan["items"]
    )


def _named_alike(
    subject: Subject, document: Document, at: int, task: str, does: str, verifies: str
) -> Iterator[Finding]:
    """Yield work that one unit does and accepts where the case names the same line for both."""
    if does == verifies or not any(text.startswith("{") for text in (does, verifies)):
        return
    both = sorted(set(written(subject, does)) & set(written(subject, verifies)))
    if both:
        facts = {"task": task, "roles": ", ".join(both)}
        yield _REPORT.warning(document, "named-alike", at=at, **facts)


def _same(
    subject: Subject, document: Document, at: int, task: str, does: str, verifies: str
) -> Iterator[Finding]:
    if does == verifies:
        yield _REPORT.warning(document, "same-role", at=at, task=task, role=does)
        return
    try:
        doer, accepter = Role.parse(does), Role.parse(verifies)
    except GuantongError:
        return  # told by the question of roles
    province = subject.province
    if province is None or doer.line != accepter.line:
        return
    # The same line at two tiers: where the lower has no unit, the upper may do and accept.
    same = [
        place
        for place in province.by_tier.get(doer.tier, ())
        if not has_unit(province, doer, place) and _one_unit(province, doer, accepter, place)
    ]
    if same:
        facts = {"task": task, "count": len(same), "places": Places.of(same)}
        yield _REPORT.warning(document, "same-unit", at=at, **facts)


def _one_unit(province: Province, doer: Role, accepter: Role, place: DivisionRef) -> bool:
    held, on = province.jurisdictions, province.on
    does = resolve(doer, place.code, units=held, on=on)
    accepts = resolve(accepter, place.code, units=held, on=on)
    if isinstance(does, Gap) or isinstance(accepts, Gap):
        return False  # told by the question of roles
    return does.unit == accepts.unit
