"""The models of an installed application, and its demand list with what stands here.

The models come from the declarations and are the same for every reader; the states of the demand
list are those of the live province, whichever exercise the reader stands in.
"""

import functools

from guantong.base.realm import LIVE
from guantong.data import api as data
from guantong.packages.api import Demand, Landed, Models, Package, demand_list, models_of
from guantong.registry import api as registry


@functools.lru_cache(maxsize=64)
def models_here(package: Package) -> Models | None:
    """Return the models of a package; an installed package changes with its release only."""
    own = set(package.contracts)
    others = [known.contract for known in data.catalogue() if known.contract.id not in own]
    return models_of(package, others)


def demands_here(found: Models) -> tuple[Demand, ...]:
    """Return the demand list with what stands in the live province."""
    totals = {**data.landed_totals(LIVE), **registry.totals(LIVE)}
    landed = {id: Landed(rows, at) for id, (rows, at) in totals.items()}
    return demand_list(found.model, found.known, landed)
