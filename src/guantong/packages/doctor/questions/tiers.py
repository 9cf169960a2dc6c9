"""Can every role be found from the place where its work lies, at a tier that is offered?

From a county nobody can say which of its villages is meant: a task given to one is refused in the
night it is sent. And a tier to which the application is not offered does not know what it is
asked for.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guantong.orgs.api import TIERS
from guantong.packages.doctor.questions.roles import roles_of
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject, columns, custom
from guantong.packages.document import Document
from guantong.packages.findings import Finding

_REPORT = Report("tiers")
# One code of each tier: which of them a contract's pattern lets pass says where its rows lie.
_CODES: Mapping[str, str] = {
    "province": "330000000000",
    "city": "330100000000",
    "county": "330102000000",
    "township": "330102001000",
    "village": "330102001001",
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield roles below the place of their work, and roles at tiers that are not offered."""
    lowest: dict[str, int] = {}
    for signal in subject.each("signals"):
        dataset = subject.by_id("datasets").get(signal.data["on"])
        if dataset is not None:
            tier = _lowest(dataset, signal.data["division"])
            flow = signal.data["opens"]["flow"]
            lowest[flow] = min(lowest.get(flow, tier), tier)
    for document, graph in subject.flows.values():
        if document.stem not in lowest:
            continue
        for node in graph.nodes.values():
            if node.role is not None:
                at = line_of(document, f'id="{node.id}"')
                yield from _below(document, at, node.id, node.role, lowest[document.stem])
            if node.service == "plan":
                plan = subject.package.documents.get(node.settings.get("plan", ""))
                if plan is not None and plan.path not in subject.unsound:
                    yield from _items(subject, plan, lowest[document.stem])
    yield from _offered(subject)


def _lowest(contract: Document, column: str) -> int:
    """Return how far down the rows of a contract can lie, as the place of a tier."""
    pattern = columns(contract).get(column, {}).get("logicalTypeOptions", {}).get("pattern", "")
    try:
        found = [n for n, tier in enumerate(TIERS) if re.search(pattern, _CODES[tier])]
    except re.error:
        found = []  # told by the question of datasets
    return max(found, default=len(TIERS) - 1)


def _items(subject: Subject, plan: Document, of_case: int) -> Iterator[Finding]:
    objects = subject.by_id("objects")
    for place, item in enumerate(plan.data["items"]):
        tier = _of_item(item, objects, of_case)
        for key in ("role", "verify"):
            if key in item:
                at = plan.line("items", place, key)
                yield from _below(plan, at, item["id"], item[key], tier)


def _of_item(item: Mapping[str, Any], objects: Mapping[str, Document], of_case: int) -> int:
    """Return the tier of the places for which an item is done."""
    each = item.get("for_each", {})
    if "division" in each:
        return TIERS.index(each["division"])
    contract = objects.get(each.get("object", ""))
    if contract is None:
        return of_case if "object" not in each else len(TIERS) - 1
    return _lowest(contract, custom(contract).get("division", ""))


def _below(document: Document, at: int, task: str, role: str, tier: int) -> Iterator[Finding]:
    own = role.partition("@")[2]
    if own in TIERS and TIERS.index(own) > tier:
        facts = {"task": task, "role": role, "tier": TIERS[tier]}
        yield _REPORT.error(document, "below", at=at, **facts)


def _offered(subject: Subject) -> Iterator[Finding]:
    """Yield roles that get work at a tier the manifest does not name."""
    app = subject.one("app")
    for named in roles_of(subject) if app is not None else ():
        tier = named.text.partition("@")[2]
        if app is not None and named.acts and tier in TIERS and tier not in app.data["tiers"]:
            yield _REPORT.error(
                named.document, "not-offered", at=named.line, role=named.text, tier=tier
            )
