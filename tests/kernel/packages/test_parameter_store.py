"""Areas set values and take them back: kept whole, audited, and met by the next data."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests import province
from tests.province import CANGNAN, EVENING, QINGYUAN, WENLING, Province

from guantong.audit.api import check, sequence
from guantong.base.clock import local_day, machine_now
from guantong.base.errors import NotFound
from guantong.base.models import Exercise
from guantong.base.realm import LIVE, Realm
from guantong.data import api as data
from guantong.main import wiring
from guantong.packages import api as packages
from guantong.packages.api import Package
from guantong.packages.errors import UnknownArea, UnknownParameter
from guantong.packages.life.models import ParameterValue

pytestmark = pytest.mark.django_db
LAND = "land_reduction"


def set_land(flood: Package, area: str, value: str, **more: object) -> object:
    at = machine_now()
    given = {"from_day": local_day(at), "why": "实测：山区风小", "by": "person:x", "at": at} | more
    return packages.set_value(flood, LAND, area, value, **given)  # type: ignore[arg-type]


def exercise_of_today() -> Realm:
    """Begin an exercise of the old storm that is started today."""
    realm = province.begin_exercise()
    Exercise.objects.filter(realm=realm).update(started_at=machine_now())
    return realm


def winds(realm: Realm) -> dict[str, float]:
    """Return the strongest wind to come for each county, after a storm has been landed."""
    storm = data.contract_of("flood_response.typhoon_track")
    rows = [
        {"track_id": "S", "season": 2019, "basin": "WP", "observed_at": EVENING.isoformat(),
         "lat": 28.0, "lon": 119.4, "wind_kt": 90, "pressure_hpa": 940},
    ]  # fmt: skip
    batch = data.check_rows(storm, rows)
    assert not batch.rejected, batch.rejected
    run = data.land(storm, batch.rows, realm=realm, batch_key="s", at=EVENING, actor="test")
    data.on_batch_landed(
        realm, EVENING, {"dataset": storm.id, "rows": len(rows), "run_id": str(run.id)}
    )
    found = data.snapshot(data.contract_of("flood_response.county_exposure"), realm)
    return {row["division_code"]: row["wind_now_ms"] for row in found.to_pylist()}


def test_a_county_that_sets_a_value_is_given_other_winds_than_its_neighbour(
    small_map: None, flood: Package, lake: Path
) -> None:
    plain = winds(exercise_of_today())
    set_land(flood, QINGYUAN, "0.6")

    own = winds(exercise_of_today())

    assert own[QINGYUAN] == pytest.approx(plain[QINGYUAN] * 0.6 / 0.8)
    assert {c: w for c, w in own.items() if c != QINGYUAN} == {
        c: w for c, w in plain.items() if c != QINGYUAN
    }


def test_the_run_says_which_values_it_was_made_with(
    small_map: None, flood: Package, lake: Path
) -> None:
    set_land(flood, QINGYUAN, "0.6")
    realm = exercise_of_today()
    winds(realm)

    (run,) = data.runs(realm, "flood_response.county_exposure")

    assert run.inputs["parameters"] == {LAND: "0.8; 331126: 0.6"}  # type: ignore[comparison-overlap]


def test_an_exercise_meets_the_values_of_the_day_it_was_started(
    small_map: None, flood: Package, lake: Path
) -> None:
    # Its clock shows 2019; it was started then, so a value of today is not for it.
    old = province.begin_exercise()
    today = local_day(machine_now())
    values = packages.values_of(flood)
    set_land(flood, QINGYUAN, "0.6")

    assert values(old, machine_now())[LAND] == data.ByArea(everywhere=0.8, areas={})
    assert values(LIVE, machine_now())[LAND] == data.ByArea(everywhere=0.8, areas={"331126": 0.6})
    assert today >= date(2026, 1, 1)


def test_a_value_from_a_later_day_waits_for_it(flood: Package, province: Province) -> None:
    at = machine_now()
    set_land(flood, QINGYUAN, "0.6", from_day=local_day(at) + timedelta(days=3))
    values = packages.values_of(flood)

    assert values(LIVE, at)[LAND].areas == {}  # type: ignore[union-attr]
    later = values(LIVE, at + timedelta(days=3))[LAND]
    assert later.areas == {"331126": 0.6}  # type: ignore[union-attr]


def test_the_province_s_word_is_what_is_asked_for_without_an_area(
    flood: Package, province: Province
) -> None:
    set_land(flood, "330000000000", "0.9")

    value = packages.values_of(flood)(LIVE, machine_now())[LAND]

    assert value == data.ByArea(everywhere=0.9, areas={"33": 0.9})


def test_the_same_word_said_twice_is_kept_once(flood: Package, province: Province) -> None:
    assert set_land(flood, WENLING, "0.6") == set_land(flood, WENLING, "0.6")
    assert ParameterValue.objects.count() == 1


def test_a_value_taken_back_stays_in_the_history_with_who_and_why(
    flood: Package, province: Province
) -> None:
    first = set_land(flood, WENLING, "0.7")
    second = set_land(flood, WENLING, "0.6")

    packages.end_value(second, why="汛期结束", by="person:y", at=machine_now())  # type: ignore[arg-type]

    kept = {s.id: s for s in packages.settings_of("flood_response")}
    today = local_day(machine_now())
    assert packages.own_setting(list(kept.values()), WENLING, today) == kept[first]  # type: ignore[index]
    assert kept[second].void  # type: ignore[index] # begun today and ended today: on no day
    assert (kept[second].ended_why, kept[second].ended_by) == ("汛期结束", "person:y")  # type: ignore[index]
    with pytest.raises(NotFound):
        packages.end_value(second, why="汛期结束", by="person:y", at=machine_now())  # type: ignore[arg-type]


def test_what_no_package_declares_or_nobody_knows_is_refused(
    flood: Package, province: Province
) -> None:
    with pytest.raises(UnknownArea, match="twelve digits"):
        set_land(flood, "3310", "0.6")
    with pytest.raises(UnknownParameter, match="It has: land_reduction"):
        packages.set_value(
            flood, "sea_reduction", CANGNAN, "0.6", from_day=local_day(machine_now()),
            why="实测结果", by="x", at=machine_now(),
        )  # fmt: skip
    assert not ParameterValue.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_every_word_leaves_a_leaf_and_an_altered_one_is_named(
    flood: Package, province: Province
) -> None:
    id = set_land(flood, WENLING, "0.6")
    packages.end_value(id, why="汛期结束", by="person:y", at=machine_now())  # type: ignore[arg-type]
    wiring.bring_witnesses()
    while sequence():
        pass
    whole = check()

    ParameterValue.objects.filter(id=id).update(value=0.9)
    altered = check()

    assert whole.faults == ()
    assert [(f.kind, f.id) for f in altered.faults] == [("parameter", str(id))]
