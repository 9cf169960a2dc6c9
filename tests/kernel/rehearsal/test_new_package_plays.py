"""A new package is not only sound: what it tells in its scenarios comes true as it was made."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.own_packages import apart, landed_by, played, rows_of_file, with_replay
from tests.province import EVENING, WENLING, YUHUAN, deliver

from guantong.base.realm import LIVE
from guantong.brain.api import signal_kind
from guantong.brain.models import AlertRow, SignalRow
from guantong.data import api as data
from guantong.flows.models import Case
from guantong.packages.api import Package, install, make, read

TODAY = datetime(2026, 7, 1, 9, tzinfo=UTC)
READING = "heat_watch.reading"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map"),
]


@pytest.fixture
def heat_watch(small_map: None, tmp_path: Path) -> Iterator[Package]:
    with apart():
        package = read(make("heat_watch", folder=tmp_path))
        install(package)
        yield package


def test_it_is_so_and_the_case_ends_when_the_readings_have_fallen(heat_watch: Package) -> None:
    package = with_replay(heat_watch, "scenarios/it_is_so.yaml", READING, "read_at")
    given = rows_of_file(package, "samples/first_days.csv", READING, "read_at")

    realm = played(package, given, at=TODAY)

    alert = AlertRow.objects.get(realm=realm)
    assert (alert.division_code, alert.highest_level) == (WENLING, "yellow")
    assert (alert.state, alert.because, alert.feedback) == ("closed", "below", "confirmed")
    assert [case.state for case in Case.objects.filter(realm=realm)] == ["closed"]


def test_the_instrument_was_wrong_and_one_case_says_so(heat_watch: Package) -> None:
    package = with_replay(heat_watch, "scenarios/nothing_there.yaml", READING, "read_at")

    realm = played(package, landed_by(package, READING, "read_at"), at=TODAY)

    alert = AlertRow.objects.get(realm=realm)
    assert (alert.division_code, alert.highest_level) == (YUHUAN, "yellow")
    assert (alert.state, alert.feedback) == ("closed", "false_alarm")
    assert [case.state for case in Case.objects.filter(realm=realm)] == ["closed"]


@pytest.mark.parametrize(("last", "level"), [(9.0, "yellow"), (1.0, "none")])
def test_a_file_with_several_readings_of_one_place_is_heard_in_the_order_of_time(
    heat_watch: Package, last: float, level: str
) -> None:
    contract = heat_watch.contracts[READING]
    hours = {11: last, 9: 7.0, 10: 8.0}
    rows = data.check_rows(
        contract,
        [
            {"place_no": "P1", "division_code": WENLING, "measured": measured, "most": 5.0,
             "read_at": datetime(2026, 6, 20, hour, tzinfo=UTC)}
            for hour, measured in hours.items()
        ],
    ).rows  # fmt: skip

    data.land(contract, rows, [], realm=LIVE, batch_key="file", at=EVENING, actor="test")
    deliver()

    alert = AlertRow.objects.get()
    assert (alert.level, alert.highest_level) == (level, "yellow")
    assert alert.opened_at == datetime(2026, 6, 20, 9, tzinfo=UTC)
    kept = SignalRow.objects.get()
    assert (kept.at, kept.level) == (datetime(2026, 6, 20, 11, tzinfo=UTC), level)
    assert Case.objects.count() == 1


def test_a_signal_that_keeps_nothing_is_installed_all_the_same(tmp_path: Path) -> None:
    folder = make("heat_watch", folder=tmp_path)
    signal = folder / "signals" / "over_limit.yaml"
    signal.write_text(signal.read_text("utf-8").replace("keep: [measured]\n", ""), "utf-8")

    with apart():
        install(read(folder))

        assert signal_kind("heat_watch.over_limit").keep == ()
