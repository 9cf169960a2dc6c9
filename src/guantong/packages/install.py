"""Bring an installed package's declarations to the kernel packages that carry them out.

In memory, in every process: at its start, and again when what is installed has changed
(``guantong.packages.life.current``). Only a package that the doctor finds without errors gets here.
"""

from datetime import timedelta
from typing import Any

from guantong.access.api import Grant, PackageRole, register_roles
from guantong.bpmn.api import duration
from guantong.brain.api import (
    Indicator,
    SignalKind,
    drop_indicators,
    register_index,
    register_indicator,
    register_signal,
    silence_signals,
)
from guantong.data.api import (
    Contract,
    Derivation,
    Held,
    Provider,
    as_table,
    bring_dataset,
    read_strict,
    register,
)
from guantong.feel.api import parse
from guantong.flows.api import CaseRole, Plan, PlanItem, register_plan, register_process
from guantong.orgs.api import Role
from guantong.packages.document import Document
from guantong.packages.index_reading import read_index
from guantong.packages.life.parameter_store import values_of
from guantong.packages.moving import process_in
from guantong.packages.package import Package
from guantong.packages.tables.ruling import rulings_of
from guantong.registry.api import Column, ObjectType, register_type

_installed: dict[str, Package] = {}
# Which release of a package this process holds; empty where nobody keeps releases.
_release: dict[str, str] = {}


def install(package: Package, *, release: str = "", withdrawn: bool = False) -> None:
    """Make everything ``package`` declares known to this process, in place of what was.

    Of a withdrawn package the running cases, the history and the pages are still carried out;
    nothing new begins: its signals hear nothing, and nothing is derived.
    """
    parameters = _parameters(package)
    for document in package.each("objects"):
        register_type(_object_type(package, package.compiled(document)))
    for document in package.each("datasets"):
        _install_dataset(package, document, parameters, withdrawn=withdrawn)
    install_work(package, release=release)
    kept = []
    for document in package.each("signals"):
        register_signal(_signal(package, document.data), listens=not withdrawn)
        kept.append(document.data["id"])
    silence_signals(package.id, but=() if withdrawn else kept)
    figures = []
    for document in package.each("indicators"):
        sql = package.beside(document, ".sql")
        if sql is not None and document.path.endswith(".yaml"):
            register_indicator(_indicator(package, document.data, sql.text))
            figures.append(document.data["id"])
    drop_indicators(package.id, but=figures)
    for document in package.each("indexes"):
        register_index(read_index(package.id, document.data))
    roles = package.one("roles")
    declared = roles.data if roles is not None else {}
    register_roles(package.id, tuple(_role(package, id, role) for id, role in declared.items()))
    _release[package.id] = release
    _installed[package.id] = package


def install_work(package: Package, *, release: str, current: bool = True) -> None:
    """Make the plans and processes of a release known: what a case needs to come to its end."""
    for document in package.each("plans"):
        plan = _plan(package, document.data)
        register_plan(plan, path=document.path, release=release, current=current)
    for name in package.flows:
        register_process(process_in(package, name, release=release), current=current)


def install_former(package: Package, former: Package) -> None:
    """Keep what a former release declared and this one does not: its records are still there.

    Open alerts of a signal that is gone come to their end, objects and runs keep their columns.
    """
    for document in former.each("objects"):
        if document.path not in package.documents:
            register_type(_object_type(former, former.compiled(document)))
    for document in former.each("datasets"):
        if document.path not in package.documents and former.compiled(document).columns:
            register(former.compiled(document))
    for document in former.each("signals"):
        if document.path not in package.documents:
            register_signal(_signal(former, document.data), listens=False)


def installed(id: str) -> Package | None:
    """Return an installed package, a withdrawn one as well."""
    return _installed.get(id)


def release_of(id: str) -> str:
    """Return which release of a package this process holds."""
    return _release.get(id, "")


def all_installed() -> tuple[Package, ...]:
    """Every installed package, by id."""
    return tuple(_installed[id] for id in sorted(_installed))


def _parameters(package: Package) -> dict[str, Any]:
    document = package.one("parameters")
    return {name: p["default"] for name, p in document.data.items()} if document else {}


def _install_dataset(
    package: Package, document: Document, parameters: dict[str, Any], *, withdrawn: bool
) -> None:
    contract: Contract = package.compiled(document)
    sample = package.documents.get(f"samples/{document.stem}.csv")
    if sample is not None:
        bring_dataset(contract.id, _sample(package, contract, sample))
        return
    sql = package.beside(document, ".sql")
    if sql is None or withdrawn:
        register(contract)
        return
    values = values_of(package)
    register(
        contract,
        Derivation(contract=contract, sql=sql.text, parameters=parameters, values=values),
    )


def _sample(package: Package, contract: Contract, sample: Document) -> Provider:
    table = as_table(contract, read_strict(Held(sample.path, sample.content), contract).rows)
    return lambda: table


def _object_type(package: Package, contract: Contract) -> ObjectType:
    columns = {
        c.name: Column(name=c.name, type=c.type, classification=c.classification or "L1")
        for c in contract.columns
    }
    return ObjectType(
        id=contract.id, package=package.id, title=f"object.{contract.id.split('.')[-1]}",
        key=contract.key[0], columns=columns,
        invented=bool(contract.custom.get("invented")),
    )  # fmt: skip


def _role(package: Package, id: str, declared: dict[str, Any]) -> PackageRole:
    return PackageRole(
        id=f"{package.id}.{id}", package=package.id, title=declared["title"],
        held_by=tuple(Role.parse(text) for text in declared["held_by"]),
        posts=tuple(declared.get("posts", ())),
        grants=tuple(_grant(package, grant) for grant in declared["may"]),
    )  # fmt: skip


def _grant(package: Package, declared: dict[str, Any]) -> Grant:
    return Grant(
        act=declared["act"], kind=declared["kind"],
        types=frozenset(f"{package.id}.{name}" for name in declared.get("types", ())),
        clear=frozenset(declared.get("clear", ())),
    )  # fmt: skip


def _plan(package: Package, data: dict[str, Any]) -> Plan:
    items = tuple(_plan_item(item) for item in data["items"])
    return Plan(id=data["id"].split(".")[-1], package=package.id, title=data["title"], items=items)


def _plan_item(item: dict[str, Any]) -> PlanItem:
    each = item.get("for_each", {})
    return PlanItem(
        id=item["id"], title=item["title"], role=_role_of(item["role"]),
        limit=_length(item["limit"]), from_level=item.get("from_level", "none"),
        verify=_role_of(item["verify"]) if "verify" in item else None,
        closes=_closes(item), each_division=each.get("division"),
        each_within=each.get("within"), each_object=each.get("object"),
        object_level=each.get("from_level"),
    )  # fmt: skip


def _role_of(text: str) -> Role | CaseRole:
    named = CaseRole(text)
    return named if named.variable is not None else Role.parse(text)


def _closes(item: dict[str, Any]) -> str:
    if item.get("closes") == "on_return":
        return "return"
    return "verify" if "verify" in item else "complete"


def _length(text: str) -> timedelta:
    found = duration(text)
    assert found is not None, "the doctor refuses a limit that is no duration"
    return found


def _signal(package: Package, data: dict[str, Any]) -> SignalKind:
    model = package.rules[data["rule"]]
    keep = data.get("keep", ())
    names = frozenset({*keep, data["level"], *data["same_matter"]})
    return SignalKind(
        id=data["id"], package=package.id, title=data["title"], on=data["on"],
        decision=model.decision(data["decision"]), level=data["level"],
        rulings=rulings_of(package, data["rule"], data["decision"]),
        levels=tuple(data["levels"]), division=data["division"], at=data["at"],
        same_matter=tuple(data["same_matter"]), keep=tuple(keep),
        opens=data["opens"]["flow"], from_level=data["opens"]["from_level"],
        ends_when=parse(data["ends"]["when"], names=names),
        holds_for=_length(data["ends"]["holds_for"]),
        expires_after=_length(data["expires_after"]), feedback=tuple(data["feedback"]),
    )  # fmt: skip


def _indicator(package: Package, data: dict[str, Any], sql: str) -> Indicator:
    light = data.get("light", {})
    return Indicator(
        id=data["id"], package=package.id, title=data["title"], meaning=data["meaning"],
        unit=data["unit"], sql=sql, source=data["source"], better=data["better"],
        decimals=data.get("decimals", 0), green=light.get("green"), yellow=light.get("yellow"),
        split_by=data.get("split_by"),
    )  # fmt: skip
