"""The data demand list (数据需求清单): what each unit of work needs, and whether it can be had.

Each need is in exactly one state of the province that is asked. What has landed there is an
argument, so that the same list can be made for any province, and tested without one.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from guantong.packages.vmodel.known_data import UNCONDITIONAL, KnownData
from guantong.packages.vmodel.model import Need, VModel, Wanted, WorkUnit
from guantong.packages.vmodel.sharing import line_of

State = Literal["nowhere", "missing", "to_request", "landed", "kept", "sample", "waiting"]
# From what hinders most to what is only waited for, as the data bureau works it off.
STATES: tuple[State, ...] = (
    "nowhere", "missing", "to_request", "waiting", "sample", "landed", "kept",
)  # fmt: skip

# Personal and important data (DB33/T 2351-2021, levels 3 and 4) go to another line on request only.
ON_REQUEST = frozenset({"L3", "L4"})


@dataclass(frozen=True, slots=True)
class Landed:
    """What of one dataset stands in a province: how many rows, and since when."""

    rows: int
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One need with its state. ``unknown`` are the fields that nobody has.

    ``wanted`` says what such data are for, where nobody has them yet.
    """

    unit: str
    dataset: str
    fields: tuple[str, ...]
    unknown: tuple[str, ...]
    classification: str
    source: str
    using: str
    sharing: str
    state: State
    landed: Landed | None
    wanted: Wanted | None


def demand_list(
    model: VModel, known: Mapping[str, KnownData], landed: Mapping[str, Landed]
) -> tuple[Demand, ...]:
    """Return every need of every unit of work with its state, in the order of the file."""
    return tuple(
        _demand(unit, need, known.get(need.dataset), landed.get(need.dataset))
        for unit in model.units.values()
        for need in unit.needs
    )


def counted(demands: tuple[Demand, ...]) -> Mapping[State, int]:
    """Return how many needs are in each state; a state without any is there with nought."""
    found = Counter(demand.state for demand in demands)
    return {state: found[state] for state in STATES}


def _demand(unit: WorkUnit, need: Need, known: KnownData | None, landed: Landed | None) -> Demand:
    fields = known.fields if known is not None else {}
    unknown = tuple(name for name in need.fields if name not in fields)
    classification = max((fields.get(name, "") for name in need.fields), default="")
    return Demand(
        unit=unit.id, dataset=need.dataset, fields=need.fields, unknown=unknown,
        classification=classification,
        source=known.source if known is not None else "", using=unit.role,
        sharing=known.sharing if known is not None else "",
        state=_state(unit, known, unknown, classification, landed), landed=landed,
        wanted=need.wanted,
    )  # fmt: skip


def _state(
    unit: WorkUnit,
    known: KnownData | None,
    unknown: tuple[str, ...],
    classification: str,
    landed: Landed | None,
) -> State:
    """Return the one state of a need: what stands in its way comes before what is there."""
    if known is not None and known.origin == "wanted":
        return "nowhere"
    if known is None or unknown:
        return "missing"
    foreign = bool(known.source) and line_of(known.source) != line_of(unit.role)
    if foreign and (known.sharing != UNCONDITIONAL or classification in ON_REQUEST):
        return "to_request"
    if known.origin in ("platform", "signal"):
        return "kept"
    if known.origin == "sample":
        return "sample"
    return "landed" if landed is not None and landed.rows else "waiting"
