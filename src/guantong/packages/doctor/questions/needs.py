"""Is every datum a unit of work reads declared, there, and one it may have?

What is read and not declared is taken without anybody having agreed; what is declared and not
read is asked for in vain. Data of another line that are personal, or not shared with everybody,
come only on request: that is told, so that the request is made before the night they are needed.
Data that are wanted and exist nowhere are told as well: somebody has to be asked for them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from guantong.packages.doctor.columns import fields_of, tables
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, columns, custom
from guantong.packages.doctor.work import Unit, line_of_role, units
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest
from guantong.packages.vmodel.known_data import KnownData, known_data
from guantong.packages.vmodel.model import Carrier, read_carriers
from guantong.packages.vmodel.reads import reads_of

_REPORT = Report("needs")
# Personal and important data (DB33/T 2351-2021, levels 3 and 4) go to another line on request only.
_ON_REQUEST = frozenset({"L3", "L4"})
# Alternatives that read by themselves; what people read in a step, only they know.
_READING = frozenset({"dataset", "rule", "signal", "indicator"})


def check(subject: Subject) -> Iterator[Finding]:
    """Yield needs that are not there, not declared, not read, or to be requested."""
    if subject.one("vmodel") is None:
        return
    known = {
        **{id: fields_of(other, document) for id, (other, document) in subject.foreign.items()},
        **{name: set(schema.names) for name, schema in tables(subject).items()},
    }
    whole = subject.whole("datasets", "objects", "signals", "rules", "derivations", "figures")
    data = known_data(subject.package) if whole else {}
    for unit in units(subject):
        yield from _there(subject, unit, known)
        yield from _shared(subject, unit)
        if whole and subject.whole("flows", "forms", "indicators"):
            yield from _read(subject, unit, data)


def _there(subject: Subject, unit: Unit, known: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Yield datasets and fields that nobody has, and datasets needed twice."""
    seen: set[str] = set()
    for place, need in enumerate(unit.said["needs"]):
        keys, name = (*unit.keys, "needs", place), need.get("dataset") or need["wanted"]
        if name in seen:
            yield _REPORT.error(unit.document, "twice", *keys, dataset=name)
        seen.add(name)
        if "wanted" in need:
            yield from _wanted(subject, unit, keys, need)
            continue
        if name not in known:
            if name not in subject.ids("datasets", "objects", "signals"):
                near = nearest(name, known)
                yield _REPORT.error(unit.document, "dataset", *keys, name=name, near=near)
            continue
        for number, field in enumerate(need["fields"]):
            if field not in known[name]:
                facts = {"name": field, "dataset": name, "near": nearest(field, known[name])}
                yield _REPORT.error(unit.document, "field", *keys, "fields", number, **facts)


def _wanted(
    subject: Subject, unit: Unit, keys: tuple[str | int, ...], need: Mapping[str, Any]
) -> Iterator[Finding]:
    """Yield data that nobody has yet, or that the package itself has by now."""
    name = need["wanted"]
    facts = {"unit": unit.said["id"], "name": name, "source": need["source"]}
    own = f"{subject.package.id}.{name}"
    if own in subject.ids("datasets", "objects", "signals"):
        yield _REPORT.warning(unit.document, "here-by-now", *keys, **facts, dataset=own)
    else:
        yield _REPORT.warning(unit.document, "nowhere", *keys, **facts, dataset=own)


def _shared(subject: Subject, unit: Unit) -> Iterator[Finding]:
    """Yield data of another line that this unit cannot have, or has only on request."""
    foreign = {id: document for id, (_, document) in subject.foreign.items()}
    contracts = {**foreign, **subject.by_id("datasets"), **subject.by_id("objects")}
    for place, need in enumerate(unit.said["needs"]):
        contract = contracts.get(need.get("dataset", ""))
        source = custom(contract).get("sourceUnit") if contract is not None else None
        if contract is None or source is None or _same(source, unit.said["role"]):
            continue
        keys = (*unit.keys, "needs", place)
        facts = {"unit": unit.said["id"], "dataset": need["dataset"], "source": source}
        sharing = custom(contract).get("sharing")
        own = columns(contract)
        if sharing == "none":
            yield _REPORT.error(unit.document, "not-shared", *keys, **facts)
        for number, field in enumerate(need["fields"]):
            level = own.get(field, {}).get("classification")
            if level in _ON_REQUEST:
                at = (*keys, "fields", number)
                yield _REPORT.warning(
                    unit.document, "guarded", *at, **facts, field=field, level=level
                )
        if sharing == "conditional":
            yield _REPORT.warning(unit.document, "to-request", *keys, **facts)


def _same(source: str, role: str) -> bool:
    return line_of_role(source) == line_of_role(role)


def _read(subject: Subject, unit: Unit, data: Mapping[str, KnownData]) -> Iterator[Finding]:
    """Yield fields that are read and not declared, or declared and read by nothing."""
    had = {p: need for p, need in enumerate(unit.said["needs"]) if "dataset" in need}
    needs = {need["dataset"]: set(need["fields"]) for need in had.values()}
    carriers = list(read_carriers(unit.said["done_by"]))
    read: dict[str, set[str]] = {}
    for carrier in (carrier for carrier in carriers if carrier.kind in _READING):
        for dataset, fields in reads_of(subject.package, carrier, data).items():
            read.setdefault(dataset, set()).update(fields)
    for dataset, found in sorted(read.items()):
        if dataset not in needs:
            facts = {"unit": unit.said["id"], "dataset": dataset}
            yield _REPORT.error(unit.document, "undeclared", *unit.keys, "needs", **facts)
        for field in sorted(found - needs.get(dataset, found)):
            facts = {"unit": unit.said["id"], "dataset": dataset, "field": field}
            yield _REPORT.error(unit.document, "field-undeclared", *unit.keys, "needs", **facts)
    if not all(carrier.kind in _READING for carrier in carriers):
        return  # people read, too, and what they read is theirs to say
    texts = " ".join(_texts(subject, carriers))
    for place, need in had.items():
        for number, field in enumerate(need["fields"]):
            named = re.search(rf"\b{field}\b", texts) and need["dataset"] in read
            if field not in read.get(need["dataset"], set()) and not named:
                keys = (*unit.keys, "needs", place, "fields", number)
                facts = {"unit": unit.said["id"], "dataset": need["dataset"], "field": field}
                yield _REPORT.warning(unit.document, "unread", *keys, **facts)


def _texts(subject: Subject, carriers: Iterable[Carrier]) -> Iterator[str]:
    """Yield the SQL of the alternatives: what it names is asked for, whatever becomes of it."""
    for carrier in carriers:
        if carrier.kind == "dataset" and carrier.name in subject.package.derivations:
            yield subject.package.derivations[carrier.name].sql
        if carrier.kind == "indicator" and carrier.name in subject.package.indicators:
            yield subject.package.indicators[carrier.name].figure.sql
