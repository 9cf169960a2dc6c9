"""Which decision answers in a realm at a moment: the version released here, or the package's own.

Asked at each run of data. Of the store only the dates are read; a version that was compiled once
stays compiled, since what was released is never changed.
"""

import functools
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from guantong.base.clock import organisation_moment
from guantong.base.realm import Realm
from guantong.brain.api import Ruling
from guantong.dmn.api import Model, read
from guantong.packages.package import Package
from guantong.packages.tables import kept, timeline

# Versions of tables kept compiled in a process: an installation has a handful.
MOST_COMPILED = 64


def rulings_of(package: Package, path: str, decision: str) -> Callable[[Realm, datetime], Ruling]:
    """Return who answers which version of a decision holds in a realm at a time.

    In an exercise it is the one that held when the exercise was started, as with its parameters.
    """
    own = Ruling(decision=package.rules[path].decision(decision))

    def ruling(realm: Realm, at: datetime) -> Ruling:
        moment = organisation_moment(realm, at)
        found = timeline.holding(kept.table_versions(package.id, path), moment)
        if found is None:
            return own
        model = _compiled(found.id, found.digest)
        return Ruling(decision=model.decision(decision), version=str(found.id))

    return ruling


@functools.lru_cache(maxsize=MOST_COMPILED)
def _compiled(id: UUID, digest: str) -> Model:
    return read(kept.table_content(kept.table_version(id)))
