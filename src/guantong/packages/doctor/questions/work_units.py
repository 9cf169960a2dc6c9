"""Is every piece of work in exactly one unit of work, whose role and time are those of the work?

What no unit of work holds, nobody has agreed to do, on no legal ground; what two hold, each
leaves to the other. A unit whose time is shorter than that of its own steps is late by design.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from guantong.bpmn.api import Kind, duration
from guantong.flows.api import CaseRole
from guantong.orgs.api import AREA, TIERS
from guantong.packages.doctor.questions.maturity import RUNGS
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.subject import Subject, custom
from guantong.packages.doctor.work import Unit, line_of_role, units
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest
from guantong.packages.vmodel.model import Carrier, read_carriers

_REPORT = Report("work_units")
_WORK = frozenset({Kind.USER, Kind.MANUAL, Kind.SERVICE, Kind.RULE})
# Below this rung a package may be without a V-model; it is not asked for one.
_NEEDED_FROM = "pilot"
# Where it stands: the article of a law, the number of an order or a plan, a section, an annex.
_ARTICLE = {
    "zh": re.compile(
        r"第[一二三四五六七八九十百零〇两\d]+[条款章节]|\d+(?:\.\d+)+|附[件录表]|〔\d{4}〕\d+号"
    ),
    "en": re.compile(
        r"(?i)\bart(?:icle|\.)s? *\d|\d+(?:\.\d+)+|\bannex|\bappendix|\bsection *\d|\bno\. *\d"
    ),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield work in no unit or in two, and units whose role, time or ground do not fit."""
    declared = _declared(subject)
    carried: dict[Carrier, str] = {}
    seen: set[str] = set()
    for unit in units(subject):
        if unit.said["id"] in seen:
            yield _REPORT.error(unit.document, "twice", *unit.keys, "id", id=unit.said["id"])
        seen.add(unit.said["id"])
        for place, carrier in enumerate(read_carriers(unit.said["done_by"])):
            keys = (*unit.keys, "done_by", place)
            if carrier not in declared:
                if _known_to_be_missing(subject, carrier):
                    like = [_name(c) for c in declared if c.kind == carrier.kind]
                    near = nearest(_name(carrier), like) or "-"
                    name = _name(carrier)
                    yield _REPORT.error(unit.document, "unknown", *keys, name=name, near=near)
            elif carrier in carried and carrier.kind != "form":
                other = carried[carrier]
                name = _name(carrier)
                yield _REPORT.error(unit.document, "in-two", *keys, name=name, other=other)
            carried.setdefault(carrier, unit.said["id"])
            yield from _fits(unit, keys, declared.get(carrier))
        yield from _partners(subject, unit)
        for language, form in _ARTICLE.items():
            if not form.search(unit.said["basis"][language]):
                keys = (*unit.keys, "basis", language)
                yield _REPORT.warning(unit.document, "no-article", *keys, unit=unit.said["id"])
    if subject.one("vmodel") is not None:
        for carrier, work in declared.items():
            if carrier not in carried and carrier.kind != "form":
                yield _REPORT.error(work.document, "in-none", at=work.line, name=_name(carrier))
    yield from _missing(subject)


class _Work:
    """One thing that carries work out: where it stands, who does it, in which time."""

    def __init__(
        self, document: Document, line: int, role: str | None = None, limit: Any = None
    ) -> None:
        self.document, self.line, self.role, self.limit = document, line, role, limit


def _declared(subject: Subject) -> Mapping[Carrier, _Work]:
    """Return everything that carries work out."""
    found: dict[Carrier, _Work] = {}
    for document, graph in subject.flows.values():
        for node in graph.nodes.values():
            if node.kind in _WORK:
                at = line_of(document, f'id="{node.id}"')
                work = _Work(document, at, node.role, node.limit)
                found[Carrier("step", document.stem, node.id)] = work
    for document in subject.each("plans"):
        for place, item in enumerate(document.data["items"]):
            line = document.line("items", place)
            work = _Work(document, line, item["role"], duration(item["limit"]))
            found[Carrier("item", document.data["id"], item["id"])] = work
    for document in subject.each("rules"):
        found[Carrier("rule", document.path)] = _Work(document, 1)
    for document in subject.each("datasets"):
        if "derivedBy" in custom(document):
            found[Carrier("dataset", document.data["id"])] = _Work(document, document.line("id"))
    for kind, name in (("signals", "signal"), ("indicators", "indicator"), ("forms", "form")):
        for document in subject.each(kind):
            carrier = Carrier(name, document.data["id"])  # type: ignore[arg-type]  # three of the kinds
            found[carrier] = _Work(document, document.line("id"))
    return found


def _known_to_be_missing(subject: Subject, carrier: Carrier) -> bool:
    """Say whether every file that could declare it can be read."""
    kinds = {"step": "flows", "item": "plans"}
    return subject.whole(kinds.get(carrier.kind, f"{carrier.kind}s"))


def _name(carrier: Carrier) -> str:
    return ".".join(part for part in (carrier.name, carrier.part) if part)


def _fits(unit: Unit, keys: tuple[str | int, ...], work: _Work | None) -> Iterator[Finding]:
    """Yield a role or a time of the unit that is not that of its work."""
    if work is None:
        return
    role, limit = unit.said["role"], duration(unit.said["limit"])
    facts = {"unit": unit.said["id"], "role": role}
    if work.role is not None and not _is_or_leads(role, work.role):
        yield _REPORT.error(unit.document, "other-role", *keys, **facts, work=work.role)
    if limit is not None and work.limit is not None and limit < work.limit:
        told = unit.said["limit"]
        yield _REPORT.error(unit.document, "too-short", *keys, unit=facts["unit"], limit=told)


def _is_or_leads(role: str, work: str) -> bool:
    """Say whether a role is the one of the work or its superior: the same line, further up."""
    tiers = (role.partition("@")[2], work.partition("@")[2])
    if role == work or any(tier not in TIERS for tier in tiers):
        return True  # a tier that is none is told by the question of roles
    above = TIERS.index(tiers[0]) < TIERS.index(tiers[1])
    return line_of_role(role) == line_of_role(work) and above


def _partners(subject: Subject, unit: Unit) -> Iterator[Finding]:
    """Yield lines that do, or help with, work of an application in which they take no part."""
    app = subject.one("app")
    if app is None:
        return
    partners = {line_of_role(app.data["lead"]), *app.data.get("supporting", []), AREA}
    named = [("role", unit.said["role"]), *(("with", role) for role in unit.said.get("with", []))]
    for key, role in named:
        if CaseRole(role).variable is None and line_of_role(role) not in partners:
            facts = {"unit": unit.said["id"], "role": role}
            yield _REPORT.error(unit.document, "stranger", *unit.keys, key, **facts)


def _missing(subject: Subject) -> Iterator[Finding]:
    """Yield a package that others are to work with, and whose work nobody has taken apart."""
    maturity = subject.one("maturity")
    rungs = list(RUNGS)
    if (
        maturity is not None
        and subject.package.one("vmodel") is None
        and rungs.index(maturity.data["rung"]) >= rungs.index(_NEEDED_FROM)
    ):
        yield _REPORT.error(maturity, "no-vmodel", "rung", rung=maturity.data["rung"])
