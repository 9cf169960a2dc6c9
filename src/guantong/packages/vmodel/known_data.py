"""The data a package may read: which fields of which class, whose they are, how they are shared.

Three homes: contracts (of the package, and of others where it uses them), signals of the package
itself, and the tables the platform keeps, with those of processes that keep answers. What a unit of
work wants and nobody has yet stands beside them as it was described. What nobody knows at all is
not here; the demand list says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from guantong.base.errors import GuantongError
from guantong.data.api import Contract
from guantong.flows.api import KEPT_COLUMNS, keeps, kept_types
from guantong.packages.document import Document
from guantong.packages.kernel_datasets import KERNEL_DATASETS, OBJECT_COLUMNS, SIGNAL_COLUMNS
from guantong.packages.package import Package
from guantong.packages.vmodel.model import Need, read_needs

# Where rows come from: landed by their source unit, computed from others, recorded one by one,
# brought along by the package, written by its signal, or kept by the platform itself; or from
# nowhere yet, and only wanted.
Origin = Literal["landed", "derived", "recorded", "sample", "signal", "platform", "wanted"]
UNCONDITIONAL = "unconditional"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownData:
    """One dataset. ``fields`` gives the class of each field, empty where none is declared.

    ``source`` is the role of the source unit (数源单位); empty for what the platform keeps.
    """

    id: str
    name: str
    origin: Origin
    fields: Mapping[str, str]
    source: str
    sharing: str


def known_data(package: Package, others: Iterable[Contract] = ()) -> Mapping[str, KnownData]:
    """Return all data the package may need, by id; ``others`` are contracts of other packages."""
    found = {
        id: KnownData(
            id=id, name="", origin="platform", fields=dict.fromkeys(columns, ""), source="",
            sharing=UNCONDITIONAL,
        )
        for id, columns in KERNEL_DATASETS.items()
    }  # fmt: skip
    found |= {one.id: one for one in _wanted(package)}
    found |= {contract.id: _of_contract(contract, "landed") for contract in others}
    for document in package.each("datasets"):
        contract: Contract = package.compiled(document)
        found[contract.id] = _of_contract(contract, _origin(package, document.path))
    for document in package.each("objects"):
        contract = package.compiled(document)
        found[contract.id] = _of_contract(contract, "recorded")
    for document in package.each("flows"):
        graph = _readable(package, document)
        if graph is not None and keeps(graph):
            forms = filter(None, (_readable(package, form) for form in package.each("forms")))
            id = f"{package.id}.{document.stem}"
            found[id] = KnownData(
                id=id, name="", origin="platform",
                fields=dict.fromkeys((*KEPT_COLUMNS, *kept_types(graph, forms)), ""),
                source="", sharing=UNCONDITIONAL,
            )  # fmt: skip
    app = package.one("app")
    lead = app.data.get("lead", "") if app is not None else ""
    for document in package.each("signals"):
        signal = document.data
        found[signal["id"]] = KnownData(
            id=signal["id"], name="", origin="signal",
            fields=dict.fromkeys((*SIGNAL_COLUMNS, *signal.get("keep", ())), ""),
            source=lead, sharing=UNCONDITIONAL,
        )  # fmt: skip
    return found


def _wanted(package: Package) -> Iterator[KnownData]:
    """Yield the data that units of work want; what several want has the fields of all."""
    fields: dict[str, dict[str, str]] = {}
    for need in wanted_by(package):
        assert need.wanted is not None, "these are wanted"
        of = fields.setdefault(need.dataset, {})
        of |= dict.fromkeys(need.fields, need.wanted.classification)
        yield KnownData(
            id=need.dataset, name=need.wanted.title, origin="wanted", fields=of,
            source=need.wanted.source, sharing="",
        )  # fmt: skip


def wanted_by(package: Package) -> Iterator[Need]:
    """Yield the needs of a package for data that exist nowhere yet, in the order of the file."""
    document = package.one("vmodel")
    for task in document.data["tasks"] if document is not None else ():
        for unit in task["units"]:
            yield from (need for need in read_needs(unit["needs"]) if need.wanted is not None)


def _readable(package: Package, document: Document) -> Any:
    """Return what an engine makes of a file; none where it refuses it, which is told elsewhere."""
    try:
        return package.compiled(document)
    except GuantongError:
        return None


def _origin(package: Package, path: str) -> Origin:
    stem = path.removeprefix("datasets/").removesuffix(".yaml")
    if f"datasets/{stem}.sql" in package.documents:
        return "derived"
    # As ``install`` does: a sample of the same name is the whole of the dataset.
    return "sample" if f"samples/{stem}.csv" in package.documents else "landed"


def _of_contract(contract: Contract, origin: Origin) -> KnownData:
    registered = OBJECT_COLUMNS if origin == "recorded" else {}
    return KnownData(
        id=contract.id,
        name=contract.name,
        origin=origin,
        fields=dict.fromkeys(registered, "")
        | {column.name: column.classification or "" for column in contract.columns},
        source=str(contract.custom.get("sourceUnit", "")),
        sharing=str(contract.custom.get("sharing", "")),
    )
