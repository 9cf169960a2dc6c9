"""What a finished exercise came to, in the words its package declares (``replay.yaml``)."""

from typing import Any

from guantong.access.api import Rows
from guantong.base import clock
from guantong.base.hashing import plain
from guantong.base.models import Exercise
from guantong.base.realm import Realm
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.flows import api as flows
from guantong.packages.package import Package


def outcome(package: Package, realm: Realm) -> dict[str, Any]:
    """Return each print of the package, and ``unresolved``: what has not come to its end."""
    replay = package.one("replay")
    assert replay is not None, "only a package with replay.yaml is replayed"
    found = {name: _print(package, realm, sql) for name, sql in replay.data["prints"].items()}
    found["unresolved"] = brain.unended(realm) + flows.unended(realm)
    return found


def exercises(package_id: str) -> list[Exercise]:
    """Every exercise of a package, the newest first."""
    return list(Exercise.objects.filter(package=package_id).order_by("-started_at"))


def _print(package: Package, realm: Realm, sql: str) -> Any:
    """Return one value, or a map where the text selects ``key`` and ``value``."""
    datasets = brain.datasets_read(sql)
    known = brain.record_datasets(package.id)
    if all(id in known for id in datasets):
        rows = brain.run(
            package.id, brain.record_sql(sql), datasets, realm=realm,
            rows=Rows(everything=True), now=clock.now(realm),
        )  # fmt: skip
    else:
        rows = data.evaluate(sql, realm=realm).to_pylist()
    if rows and "key" in rows[0]:
        return {str(row["key"]): plain(row["value"]) for row in rows}
    if "key" in sql.split("from")[0]:
        return {}
    return plain(rows[0]["value"]) if rows else None
