"""The models as plain values, for JSON: the same on the command line and in the interface.

Ids and roles, no words: whoever reads JSON is a program. Limits are seconds.
"""

from typing import Any

from guantong.packages.vmodel.cooperation import HandOver
from guantong.packages.vmodel.demand import Demand
from guantong.packages.vmodel.model import Carrier, Goal, Need, WorkTask, WorkUnit
from guantong.packages.vmodel.models import Models
from guantong.packages.vmodel.sharing import SharedField

Plain = dict[str, Any]


def plain(package: str, models: Models, demands: tuple[Demand, ...]) -> Plain:
    """Return everything that is compiled from a V-model, and the demand list given."""
    complete = models.completeness
    return {
        "package": package,
        "goals": [_goal(goal) for goal in models.model.goals],
        "tasks": [_task(task) for task in models.model.tasks],
        "cooperation": [_hand_over(one) for one in models.cooperation.hand_overs],
        "sharing": [_field(field) for field in models.sharing],
        "demand": [_demand(demand) for demand in demands],
        "completeness": {
            "leaves": complete.leaves,
            "specified": complete.specified,
            "lacking": [
                {"unit": one.unit, "lack": one.lack, "what": one.what} for one in complete.lacking
            ],
        },
    }


def _goal(goal: Goal) -> Plain:
    return {
        "id": goal.id, "indicator": goal.indicator, "at_least": goal.at_least,
        "at_most": goal.at_most, "by": goal.by.isoformat() if goal.by is not None else None,
    }  # fmt: skip


def _task(task: WorkTask) -> Plain:
    return {
        "id": task.id, "serves": list(task.serves), "units": [_unit(unit) for unit in task.units],
    }  # fmt: skip


def _unit(unit: WorkUnit) -> Plain:
    return {
        "id": unit.id, "role": unit.role, "helpers": list(unit.helpers),
        "done_by": [_carrier(carrier) for carrier in unit.done_by],
        "needs": [_need(need) for need in unit.needs],
        "limit_seconds": _seconds(unit), "basis": unit.basis["zh"],
    }  # fmt: skip


def _need(need: Need) -> Plain:
    wanted = need.wanted
    told = None
    if wanted is not None:
        told = {
            "classification": wanted.classification, "source": wanted.source,
            "purpose": wanted.purpose["zh"],
        }  # fmt: skip
    return {"dataset": need.dataset, "fields": list(need.fields), "wanted": told}


def _carrier(carrier: Carrier) -> Plain:
    return {"kind": carrier.kind, "name": carrier.name, "part": carrier.part}


def _seconds(one: WorkUnit | HandOver) -> int | None:
    return None if one.limit is None else round(one.limit.total_seconds())


def _hand_over(one: HandOver) -> Plain:
    return {
        "giver": one.giver, "taker": one.taker, "crosses": list(one.crosses),
        "ways": [
            {"kind": way.kind, "giver": _carrier(way.giver), "taker": _carrier(way.taker)}
            for way in one.ways
        ],
        "limit_seconds": _seconds(one),
    }  # fmt: skip


def _field(field: SharedField) -> Plain:
    return {
        "unit": field.unit, "dataset": field.dataset, "field": field.field, "known": field.known,
        "classification": field.classification, "source": field.source, "using": field.using,
        "sharing": field.sharing, "cycle": field.cycle,
        "read_by": [_carrier(carrier) for carrier in field.read_by],
        "crosses_line": field.crosses_line, "crosses_tier": field.crosses_tier,
    }  # fmt: skip


def _demand(demand: Demand) -> Plain:
    landed = demand.landed
    return {
        "unit": demand.unit, "dataset": demand.dataset, "fields": list(demand.fields),
        "unknown": list(demand.unknown), "classification": demand.classification,
        "source": demand.source, "using": demand.using, "sharing": demand.sharing,
        "state": demand.state, "rows": landed.rows if landed is not None else 0,
        "landed_at": landed.at.isoformat() if landed is not None and landed.at else None,
        "purpose": demand.wanted.purpose["zh"] if demand.wanted is not None else "",
    }  # fmt: skip
