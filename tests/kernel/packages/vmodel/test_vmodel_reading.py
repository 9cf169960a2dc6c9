"""What vmodel.yaml says, the data behind it, and which fields an alternative really reads."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.kernel.packages.vmodel.small import FILES, package, swapped

from guantong.data.api import read_contract
from guantong.packages.api import Carrier, Models, models_of, reads_of
from guantong.packages.vmodel.known_data import known_data
from guantong.packages.vmodel.reads import sql_reads

FLOOD = Path(__file__).parents[4] / "apps" / "flood_response"


@pytest.fixture
def models(tmp_path: Path) -> Models:
    found = models_of(package(tmp_path))
    assert found is not None
    return found


def test_a_package_without_the_file_has_no_models(tmp_path: Path) -> None:
    assert models_of(package(tmp_path, {"vmodel.yaml": None})) is None


def test_the_left_arm_is_read_with_its_target_its_day_and_its_limits(models: Models) -> None:
    goal, compute = models.model.goals[0], models.model.units["compute"]

    assert (goal.at_most, goal.at_least, goal.by) == (0, None, date(2027, 6, 30))
    assert list(models.model.units) == [
        "compute", "alarm", "judge", "spread", "patrol", "tell", "close",
    ]  # fmt: skip
    assert compute.limit == timedelta(hours=1)
    assert models.model.units["judge"].helpers == ("meteorology@county",)
    assert models.model.task_of["tell"].id == "act"


def test_each_alternative_leads_back_to_its_unit(models: Models) -> None:
    units = models.model.unit_of

    assert units[Carrier("rule", "rules/rise.dmn")] == "alarm"
    assert units[Carrier("step", "look", "settle")] == "spread"
    assert units[Carrier("item", "river.banks", "tell")] == "tell"
    assert Carrier("step", "look", "settle").file == Carrier("step", "look")


def test_where_data_come_from_is_told_apart(models: Models) -> None:
    origins = {id: data.origin for id, data in models.known.items()}

    assert origins["river.level"] == "landed"
    assert origins["river.rise"] == "derived"
    assert origins["river.bank"] == "sample"
    assert origins["river.rising"] == "signal"
    assert origins["flows.task"] == "platform"
    assert models.known["river.level"].fields["keeper"] == "L3"
    assert models.known["river.rising"].source == "water@county"
    assert "rise_m" in models.known["river.rising"].fields


def test_the_contract_of_another_package_is_known_when_it_is_handed_in(tmp_path: Path) -> None:
    text = FILES["datasets/level.yaml"].replace("river.level", "weather.level")

    known = known_data(package(tmp_path), [read_contract(text.encode())])

    assert known["weather.level"].source == "meteorology@county"
    assert "weather.level" not in known_data(package(tmp_path / "alone"))


@pytest.mark.parametrize(
    ("carrier", "reads"),
    [
        (Carrier("dataset", "river.rise"), {"river.level": {"station_id", "read_at", "level_m"}}),
        (Carrier("indicator", "river.late"), {"flows.task": {"id", "division_code", "overdue"}}),
        (Carrier("rule", "rules/rise.dmn"), {"river.rise": {"rise_m"}}),
        (
            Carrier("signal", "river.rising"),
            {"river.rise": {"station_id", "division_code", "read_at", "rise_m"}},
        ),
        (Carrier("step", "look", "judge"), {}),
        (Carrier("item", "river.banks", "patrol"), {}),
        (Carrier("indicator", "river.nowhere"), {}),
    ],
)
def test_what_an_alternative_reads_is_read_from_what_it_is(
    carrier: Carrier, reads: dict[str, set[str]], tmp_path: Path
) -> None:
    small = package(tmp_path)

    found = reads_of(small, carrier, known_data(small))

    assert {id: set(fields) for id, fields in found.items()} == reads


@pytest.mark.parametrize(
    ("sql", "fields"),
    [
        ('select station_id from "river.level"', {"station_id"}),
        (
            'select l.station_id from "river.level" as l where l.level_m > 1',
            {"station_id", "level_m"},
        ),
        # All of it is at hand, two fields of it are used.
        ('with a as (select * from "river.level") select max(level_m) from a', {"level_m"}),
        ('select count(*) as n from "river.level"', set()),
        (
            'select a.keeper from "river.level" a join "river.level" b using (station_id)',
            {"keeper", "station_id"},
        ),
        # Which field is meant cannot be told: the dataset is read, its fields stay open.
        ('select nowhere from (select level_m from "river.level"', set()),
    ],
)
def test_only_the_fields_that_a_select_uses_count_as_read(
    sql: str, fields: set[str], tmp_path: Path
) -> None:
    known = known_data(package(tmp_path))

    found = sql_reads(sql, ["river.level", "river.unheard_of"], known)

    assert {id: set(names) for id, names in found.items()} == {"river.level": fields}


def test_an_item_for_each_object_reads_its_level_and_its_destination() -> None:
    from guantong.packages.api import read

    flood = read(FLOOD)

    found = reads_of(
        flood, Carrier("item", "flood_response.typhoon", "evacuate"), known_data(flood)
    )

    assert found == {
        "flood_response.household": {"id", "division_code", "evacuate_from", "shelter_no"}
    }


def test_a_condition_that_is_no_expression_hides_nothing_else(tmp_path: Path) -> None:
    small = package(tmp_path, swapped("signals/rising.yaml", "'level = \"none\"'", "'level ='"))

    found = reads_of(small, Carrier("signal", "river.rising"), known_data(small))

    assert found["river.rise"] >= {"rise_m", "station_id"}
