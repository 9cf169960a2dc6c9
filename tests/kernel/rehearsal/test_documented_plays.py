"""The package of the pages of kinds is not only sound: its stories come to the ends they tell."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.documented import put_together
from tests.own_packages import apart, landed_by, played, rows_of_file, with_replay
from tests.province import WENLING, YUHUAN

from guantong.brain.models import AlertRow
from guantong.flows.models import Case, Task
from guantong.packages.api import Package, install, outcome, read

TODAY = datetime(2026, 7, 1, 9, tzinfo=UTC)
LEVEL = "river_watch.level"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map"),
]


@pytest.fixture
def river_watch(small_map: None, tmp_path: Path) -> Iterator[Package]:
    with apart():
        package = read(put_together(tmp_path / "river_watch"))
        install(package)
        yield package


def test_the_water_rises_people_act_and_the_case_ends_when_it_has_fallen(
    river_watch: Package,
) -> None:
    given = rows_of_file(river_watch, "samples/wet_day.csv", LEVEL, "read_at")

    realm = played(river_watch, given, at=TODAY)

    alert = AlertRow.objects.get(realm=realm)
    assert (alert.division_code, alert.highest_level) == (WENLING, "orange")
    assert (alert.state, alert.because, alert.feedback) == ("closed", "below", "confirmed")
    case = Case.objects.get(realm=realm)
    assert (case.state, case.outcome) == ("closed", "confirmed")
    done = Task.objects.filter(realm=realm, kind="plan", state="closed_out")
    assert {t.item for t in done} == {"patrol", "close_ford"}
    assert not done.filter(accepter_id=None).exists()
    assert outcome(river_watch, realm)["unresolved"] == 0


def test_a_branch_at_the_gauge_sends_nobody_out_and_opens_one_case(river_watch: Package) -> None:
    quiet = with_replay(river_watch, "scenarios/false_alarm.yaml", LEVEL, "read_at")

    realm = played(quiet, landed_by(quiet, LEVEL, "read_at"), at=TODAY)

    alert = AlertRow.objects.get(realm=realm)
    assert (alert.division_code, alert.highest_level) == (YUHUAN, "yellow")
    assert (alert.state, alert.feedback) == ("closed", "false_alarm")
    assert [case.state for case in Case.objects.filter(realm=realm)] == ["closed"]
    assert not Task.objects.filter(realm=realm, kind="plan").exists()
