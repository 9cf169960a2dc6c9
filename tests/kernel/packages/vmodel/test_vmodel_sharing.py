"""Which field goes from whom to whom, what the demand list says of it, what a unit still lacks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kernel.packages.vmodel.small import FILES, package, swapped

from guantong.packages.api import (
    STATES,
    Carrier,
    Demand,
    KnownData,
    Landed,
    Models,
    SharedField,
    counted,
    demand_list,
    models_of,
    read,
    reads_of,
)

FLOOD = Path(__file__).parents[4] / "apps" / "flood_response"
NOON = datetime(2026, 6, 20, 4, tzinfo=UTC)


def models(folder: Path, changed: dict[str, str | None] | None = None) -> Models:
    found = models_of(package(folder, changed))
    assert found is not None
    return found


def field(found: Models, unit: str, dataset: str, name: str) -> SharedField:
    (one,) = (
        f for f in found.sharing if (f.unit, f.dataset, f.field) == (unit, dataset, name)
    )  # fmt: skip
    return one


def demand(found: Models, unit: str, landed: dict[str, Landed] | None = None) -> Demand:
    (one,) = (d for d in demand_list(found.model, found.known, landed or {}) if d.unit == unit)
    return one


def test_a_field_goes_from_its_source_unit_to_the_unit_of_work(tmp_path: Path) -> None:
    found = field(models(tmp_path), "judge", "river.level", "keeper")

    assert (found.source, found.using) == ("meteorology@county", "water@county")
    assert (found.classification, found.sharing) == ("L3", "unconditional")
    assert found.crosses_line
    assert not found.crosses_tier
    assert found.read_by == ()  # a step reads nothing by itself: people read it


def test_the_alternative_that_reads_a_field_stands_beside_it_with_its_cycle(
    tmp_path: Path,
) -> None:
    small = models(tmp_path)

    overdue = field(small, "close", "flows.task", "overdue")
    rise = field(small, "alarm", "river.rise", "rise_m")
    station = field(small, "alarm", "river.rise", "station_id")

    assert overdue.read_by == (Carrier("indicator", "river.late"),)
    assert overdue.cycle == "PT1H"
    assert rise.read_by == (Carrier("rule", "rules/rise.dmn"), Carrier("signal", "river.rising"))
    assert station.read_by == (Carrier("signal", "river.rising"),)
    assert rise.cycle == ""
    assert rise.crosses_tier
    assert not rise.crosses_line


def test_a_field_is_asked_for_as_often_as_its_most_frequent_indicator(tmp_path: Path) -> None:
    slower = {
        "indicators/slow.yaml": FILES["indicators/late.yaml"]
        .replace("river.late", "river.slow")
        .replace("cycle: PT1H", "cycle: P1D"),
        "indicators/slow.sql": FILES["indicators/late.sql"],
        "vmodel.yaml": FILES["vmodel.yaml"].replace(
            "{indicator: river.late}]", "{indicator: river.slow}, {indicator: river.late}]"
        ),
    }

    assert field(models(tmp_path, slower), "close", "flows.task", "overdue").cycle == "PT1H"


def test_what_the_platform_keeps_has_no_source_unit_and_crosses_nothing(tmp_path: Path) -> None:
    found = field(models(tmp_path), "close", "flows.task", "id")

    assert found.source == ""
    assert not found.crosses_line
    assert not found.crosses_tier


def test_a_field_that_nobody_has_is_told(tmp_path: Path) -> None:
    changed = swapped("vmodel.yaml", "fields: [level_m, keeper]", "fields: [level_m, colour]")

    assert not field(models(tmp_path, changed), "judge", "river.level", "colour").known


@pytest.mark.parametrize(
    ("unit", "landed", "state"),
    [
        ("compute", {}, "waiting"),  # found, its own line, nothing landed yet
        ("compute", {"river.level": Landed(3, NOON)}, "landed"),
        ("compute", {"river.level": Landed(0, NOON)}, "waiting"),
        ("alarm", {"river.rise": Landed(3, NOON)}, "landed"),  # not shared, but its own line
        ("judge", {"river.level": Landed(3, NOON)}, "to_request"),  # L3 of another line
        ("spread", {}, "sample"),
        ("patrol", {}, "to_request"),  # conditional, and a township is another line
        ("close", {}, "kept"),
    ],
)
def test_each_need_is_in_the_state_that_hinders_it_most(
    unit: str, landed: dict[str, Landed], state: str, tmp_path: Path
) -> None:
    assert demand(models(tmp_path), unit, landed).state == state


def test_what_is_to_be_requested_still_says_what_has_landed(tmp_path: Path) -> None:
    found = demand(models(tmp_path), "judge", {"river.level": Landed(3, NOON)})

    assert found.landed == Landed(3, NOON)
    assert found.classification == "L3"


@pytest.mark.parametrize(
    ("old", "new", "unknown"),
    [
        (
            "dataset: river.level, fields: [level_m, keeper]",
            "dataset: river.flow, fields: [q]",
            ("q",),
        ),
        ("fields: [level_m, keeper]", "fields: [level_m, colour]", ("colour",)),
    ],
)
def test_what_nobody_has_is_not_found_whatever_has_landed(
    old: str, new: str, unknown: tuple[str, ...], tmp_path: Path
) -> None:
    found = demand(
        models(tmp_path, swapped("vmodel.yaml", old, new)), "judge",
        {"river.level": Landed(3, NOON), "river.flow": Landed(3, NOON)},
    )  # fmt: skip

    assert found.state == "missing"
    assert found.unknown == unknown


@pytest.fixture(scope="module")
def flood() -> Models:
    found = models_of(read(FLOOD))
    assert found is not None
    return found


LANDED = st.builds(Landed, st.integers(0, 9), st.none() | st.just(NOON))


@settings(deadline=None)
@given(st.data())
def test_the_states_part_the_needs_whatever_is_known_and_landed(
    flood: Models, data: st.DataObject
) -> None:
    known: dict[str, KnownData] = data.draw(
        st.fixed_dictionaries({}, optional={id: st.just(k) for id, k in flood.known.items()})
    )
    landed = data.draw(st.dictionaries(st.sampled_from(sorted(flood.known)), LANDED))

    found = demand_list(flood.model, known, landed)

    needs = [(unit.id, need.dataset) for unit in flood.model.units.values() for need in unit.needs]
    assert [(one.unit, one.dataset) for one in found] == needs
    assert sum(counted(found).values()) == len(needs)
    assert set(counted(found)) == set(STATES)
    assert {one.dataset for one in found if one.state == "missing"}.isdisjoint(known)
    assert all(one.landed and one.landed.rows for one in found if one.state == "landed")


def test_a_unit_with_all_it_needs_is_fully_specified(tmp_path: Path) -> None:
    found = models(tmp_path).completeness

    assert (found.specified, found.leaves, found.lacking) == (7, 7, ())


@pytest.mark.parametrize(
    ("keys", "value", "unit", "lack", "what"),
    [
        ((1, "serves"), ["late"], "judge", "goal", "late"),
        ((1, 0, "role"), "water@nowhere", "judge", "role", "water@nowhere"),
        ((1, 0, "role"), "nobody", "judge", "role", "nobody"),
        ((1, 0, "with"), ["weather@county"], "judge", "role", "weather@county"),
        ((1, 0, "done_by"), [{"flow": "look", "node": "x"}], "judge", "carrier", "look:x"),
        (
            (1, 3, "done_by"), [{"plan": "river.banks", "item": "tel"}], "tell", "carrier",
            "river.banks:tel",
        ),
        ((1, 0, "done_by"), [{"form": "judging"}], "judge", "carrier", "judging"),
        ((1, 4, "done_by"), [{"indicator": "river.early"}], "close", "carrier", "river.early"),
        # Landed by its source unit: nothing of ours carries that out.
        ((0, 0, "done_by"), [{"dataset": "river.level"}], "compute", "carrier", "river.level"),
        (
            (1, 0, "needs"), [{"dataset": "river.lvel", "fields": ["a"]}], "judge", "dataset",
            "river.lvel",
        ),
        (
            (1, 0, "needs"), [{"dataset": "river.level", "fields": ["kepeer"]}], "judge", "field",
            "river.level.kepeer",
        ),
        ((1, 3, "limit"), "P1Y", "tell", "limit", "tell"),
    ],
)  # fmt: skip
def test_what_a_unit_lacks_is_named(
    keys: tuple[Any, ...], value: object, unit: str, lack: str, what: str, tmp_path: Path
) -> None:
    said = yaml.safe_load(FILES["vmodel.yaml"])
    part = said["tasks"][keys[0]]
    for number in keys[1:-1]:
        part = part["units"][number]
    part[keys[-1]] = value

    found = models(tmp_path, {"vmodel.yaml": yaml.safe_dump(said)}).completeness

    assert (unit, lack, what) in {(one.unit, one.lack, one.what) for one in found.lacking}
    assert found.specified < found.leaves


def test_a_goal_without_its_indicator_leaves_everything_below_it_open(tmp_path: Path) -> None:
    changed = swapped(
        "vmodel.yaml", "indicator: river.late, target", "indicator: river.wait, target"
    )

    found = models(tmp_path, changed).completeness

    assert found.specified == 0
    assert {one.lack for one in found.lacking} == {"indicator"}


def test_the_flood_application_is_specified_to_its_last_leaf(flood: Models) -> None:
    found = flood.completeness

    assert found.lacking == ()
    assert found.leaves == len(flood.model.units) > 30


def test_the_flood_application_declares_every_field_its_alternatives_read(flood: Models) -> None:
    package = read(FLOOD)
    declared = {(f.unit, f.dataset, f.field) for f in flood.sharing}

    missing = [
        (unit.id, dataset, name)
        for unit in flood.model.units.values()
        for carrier in unit.done_by
        for dataset, fields in reads_of(package, carrier, flood.known).items()
        for name in fields
        if (unit.id, dataset, name) not in declared
    ]

    assert missing == []
