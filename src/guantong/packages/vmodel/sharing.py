"""The data-sharing model (数据共享模型): which field goes from whom to whom, and on what ground.

One row for each field a unit of work needs. The ground is the legal basis of the unit of work;
whether a field may be shared at all is what its contract says, not what is decided here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guantong.bpmn.api import duration
from guantong.packages.package import Package
from guantong.packages.vmodel.known_data import KnownData
from guantong.packages.vmodel.model import Carrier, Need, VModel, WorkUnit
from guantong.packages.vmodel.reads import Fields, reads_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedField:
    """One field a unit of work needs. ``known`` says whether any contract or table has it.

    ``cycle`` is how often it is asked for at least, where an indicator that reads it says so, as
    ISO 8601. ``read_by`` are the alternatives that read it by themselves; where there is none,
    the people who do the work read it.
    """

    unit: str
    dataset: str
    field: str
    known: bool
    classification: str
    source: str
    using: str
    sharing: str
    cycle: str
    read_by: tuple[Carrier, ...]
    crosses_line: bool
    crosses_tier: bool


def sharing_of(
    package: Package, model: VModel, known: Mapping[str, KnownData]
) -> tuple[SharedField, ...]:
    """Return the data-sharing model of a package, in the order of its vmodel.yaml."""
    cycles = {d.data["id"]: str(d.data.get("cycle", "")) for d in package.each("indicators")}
    found: list[SharedField] = []
    for unit in model.units.values():
        reads = {carrier: reads_of(package, carrier, known) for carrier in unit.done_by}
        for need in unit.needs:
            found.extend(_fields(unit, need, known.get(need.dataset), reads, cycles))
    return tuple(found)


def _fields(
    unit: WorkUnit,
    need: Need,
    known: KnownData | None,
    reads: Mapping[Carrier, Fields],
    cycles: Mapping[str, str],
) -> Iterator[SharedField]:
    source = known.source if known is not None else ""
    for name in need.fields:
        read_by = tuple(c for c in unit.done_by if name in reads[c].get(need.dataset, ()))
        yield SharedField(
            unit=unit.id,
            dataset=need.dataset,
            field=name,
            known=known is not None and known.origin != "wanted" and name in known.fields,
            classification=known.fields.get(name, "") if known is not None else "",
            source=source,
            using=unit.role,
            sharing=known.sharing if known is not None else "",
            cycle=_shortest(cycles[c.name] for c in read_by if c.name in cycles),
            read_by=read_by,
            crosses_line=bool(source) and line_of(source) != line_of(unit.role),
            crosses_tier=bool(source) and tier_of(source) != tier_of(unit.role),
        )


def _shortest(cycles: Iterator[str]) -> str:
    timed = ((length, text) for text in cycles if (length := duration(text)) is not None)
    return min(timed, default=(None, ""))[1]


def line_of(role: str) -> str:
    """Return the line of a role; the government of an area counts as a line of its own."""
    return role.partition("@")[0]


def tier_of(role: str) -> str:
    """Return the tier of a role."""
    return role.partition("@")[2]
