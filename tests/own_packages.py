"""Packages that a test installs for itself: none of them is known to the tests that follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from guantong.access import roles
from guantong.base.realm import Realm
from guantong.brain import figure, signal
from guantong.data import api as data
from guantong.data import catalogue
from guantong.flows import plan, process
from guantong.packages import install
from guantong.packages.api import Input, Package, begin, play
from guantong.registry import object_type

_REGISTERS = (
    (roles, "_roles"), (signal, "_signals"), (figure, "_indicators"), (catalogue, "_registered"),
    (catalogue, "_brought"), (process, "_processes"), (plan, "_plans"), (object_type, "_types"),
    (install, "_installed"),
)  # fmt: skip


@contextmanager
def apart() -> Iterator[None]:
    """Let what is installed inside be forgotten afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in _REGISTERS:
            patch.setattr(module, name, dict(getattr(module, name)))
        yield


def with_replay(package: Package, scenario: str, dataset: str, at: str) -> Package:
    """Return the package with a replay that plays ``scenario`` over rows of ``dataset``."""
    from guantong.packages.document import read_yaml

    text = (
        f"inputs: {{rows: {{dataset: {dataset}, at: {at}, default: samples/x.csv,"
        f" help: {{zh: 行, en: rows}}}}}}\nscenario: {scenario}\ntitle: replay.title\n"
        "prints: {alerts: select 1 as value}\n"
    )
    return package.changed("replay.yaml", read_yaml("replay.yaml", "replay", text.encode()))


def rows_of_file(package: Package, path: str, dataset: str, at: str) -> list[Input]:
    """Return the rows of a sample as they become known one by one."""
    batch = data.read_strict(Path(package.folder) / path, package.contracts[dataset])
    return [Input(dataset=dataset, at=at, rows=[row.values for row in batch.rows])]


def landed_by(package: Package, dataset: str, at: str) -> list[Input]:
    """Return the rows that the scenario of the package's replay lets become known."""
    replay = package.one("replay")
    assert replay is not None, "a package that is played has a replay"
    when = package.documents[replay.data["scenario"]].data["when"]
    rows = [row for entry in when if "land" in entry for row in entry["land"]["rows"]]
    china = [{**row, at: datetime.fromisoformat(f"{row[at]}+08:00")} for row in rows]
    return [Input(dataset=dataset, at=at, rows=china)]


def played(package: Package, given: list[Input], *, at: datetime) -> Realm:
    """Play a package's scenario to its end and return its realm."""
    realm = begin(package, given, at=at)
    play(package, realm)
    return realm
