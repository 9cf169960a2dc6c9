"""What a scenario wants, instant by instant: rows that become known, acts, and what must be true.

Pure but for the sample files it names. Instants of a scenario are counted from its beginning.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from guantong.bpmn.api import duration
from guantong.data.api import Contract, check_rows, read_strict
from guantong.packages.document import Document
from guantong.packages.errors import ScenarioWithoutBeginning
from guantong.packages.package import Package
from guantong.packages.staging import Coming

ACT, THEN = "act", "then"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One line of ``when`` (what people do) or of ``then``, looked at last without ``due_at``."""

    kind: str
    place: int
    due_at: datetime | None
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A scenario, ready to be played."""

    scenario: Document
    begins_at: datetime
    coming: tuple[Coming, ...]
    wishes: tuple[Wish, ...]


def read_script(package: Package, scenario: Document) -> Script:
    """Return what a scenario wants; its data files are read and checked, all rows or none."""
    said = scenario.data
    given = list(_given(package, scenario))
    begins_at = _beginning(package, scenario, given)
    coming = [*given, *_landing(said.get("when", []), begins_at)]
    coming.sort(key=lambda row: row.due_at)
    return Script(
        scenario=scenario,
        begins_at=begins_at,
        coming=tuple(coming),
        wishes=tuple(_wishes(said, begins_at)),
    )


def opens(said: Mapping[str, Any]) -> bool:
    """Say whether what people do is that they open a case, and not an act on a task."""
    return "flow" in said


def line_of(scenario: Document, wish_kind: str, place: int) -> int:
    """Return the line of the file in which a wish stands."""
    return scenario.line("when" if wish_kind == ACT else "then", place)


def _wishes(said: Mapping[str, Any], begins_at: datetime) -> Iterator[Wish]:
    for place, entry in enumerate(said.get("when", [])):
        if "land" not in entry:
            due_at = begins_at + _length(entry["at"])
            done = entry["open"] if "open" in entry else entry["act"]
            yield Wish(kind=ACT, place=place, due_at=due_at, said=done)
    for place, entry in enumerate(said.get("then", [])):
        due = begins_at + _length(entry["at"]) if "at" in entry else None
        what = {name: value for name, value in entry.items() if name != "at"}
        yield Wish(kind=THEN, place=place, due_at=due, said=what)


def _landing(when: list[Mapping[str, Any]], begins_at: datetime) -> Iterator[Coming]:
    for entry in when:
        if "land" in entry:
            at = begins_at + _length(entry["at"])
            for row in entry["land"]["rows"]:
                yield Coming(dataset=entry["land"]["dataset"], due_at=at, row=row)


def _given(package: Package, scenario: Document) -> Iterator[Coming]:
    """Yield the rows of the scenario's files, or else of the replay that plays it."""
    for dataset, path in _files(package, scenario).items():
        contract = package.contracts[dataset]
        column = time_column(package, contract)
        for row in read_strict(package.source(path), contract).rows:
            at = row.values[column]
            assert isinstance(at, datetime), "time_column names a column of instants"
            yield Coming(dataset=dataset, due_at=at, row=row.values)


def _files(package: Package, scenario: Document) -> Mapping[str, str]:
    own: Mapping[str, str] = scenario.data["given"].get("data", {})
    replay = package.one("replay")
    if own or replay is None or replay.data["scenario"] != scenario.path:
        return own
    return {given["dataset"]: given["default"] for given in replay.data["inputs"].values()}


def time_column(package: Package, contract: Contract) -> str:
    """Return the column that says when a row of a dataset becomes known.

    What the replay says of it; else what a signal looks at; else the column that rises; else
    the first instant of the contract.
    """
    replay = package.one("replay")
    for given in replay.data["inputs"].values() if replay is not None else ():
        if given["dataset"] == contract.id:
            return str(given["at"])
    for signal in package.each("signals"):
        if signal.data["on"] == contract.id:
            return str(signal.data["at"])
    if contract.ascending is not None:
        return contract.ascending.column
    return next((c.name for c in contract.columns if c.type == "timestamp"), "")


def _beginning(package: Package, scenario: Document, given: list[Coming]) -> datetime:
    """Return when a scenario begins: as it says, else with the first row it has."""
    said = scenario.data["given"].get("begins_at")
    if said is not None:
        return datetime.fromisoformat(said).astimezone(UTC)
    if given:
        return min(row.due_at for row in given)
    times = [at for entry in scenario.data.get("when", []) for at in _times(package, entry)]
    if not times:
        raise ScenarioWithoutBeginning(path=scenario.path)
    return min(times)


def _times(package: Package, entry: Mapping[str, Any]) -> Iterator[datetime]:
    """Yield the times of the rows that land, less what has passed since the beginning."""
    if "land" not in entry or entry["land"]["dataset"] not in package.contracts:
        return
    contract = package.contracts[entry["land"]["dataset"]]
    column = time_column(package, contract)
    for row in check_rows(contract, entry["land"]["rows"]).rows:
        at = row.values.get(column)
        if isinstance(at, datetime):
            yield at - _length(entry["at"])


def _length(text: str) -> timedelta:
    found = duration(text)
    assert found is not None, "the schema of scenarios asks for a length of time"
    return found
