"""The life of an application: a county sets a number, the province upgrades, decides, withdraws.

Through the pages and the command line of an installation at work, whose processes are never started
again: each learns of a change from the store.
"""

import re
import shutil
import time
import urllib.error
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.journeys.begun import as_founded
from tests.journeys.installation import ROOT, Installation, installation
from tests.journeys.old_release import Person, Up, at_work, script

from guantong.base.clock import local_day, machine_now

pytestmark = pytest.mark.province

FLOOD, PARAMETERS = "apps/flood_response", "/apps/flood_response/parameters"
LAND = f"{PARAMETERS}/land_reduction/set"
# In the mountains, off the coast, each other's neighbours.
QINGYUAN, LONGQUAN = "331126000000", "331181000000"
PATIENCE_SECONDS = 120
NOW = machine_now().replace(microsecond=0)


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    """An installation at work; the tests below follow one application, in their order."""
    with installation() as own:
        as_founded(own)
        with at_work(own) as found:
            script(own, _ACCOUNTS)
            yield found


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application's next release: its range is narrower, and a page has another title."""
    folder = tmp_path_factory.mktemp("apps") / "flood_response"
    shutil.copytree(ROOT / FLOOD, folder)
    for name, was, now in (
        ("app.yaml", "version: 0.1.0", "version: 0.2.0"),
        ("parameters.yaml", "[0.5, 1.0]", "[0.7, 1.0]"),
    ):
        text = (folder / name).read_text("utf-8")
        assert was in text
        (folder / name).write_text(text.replace(was, now), "utf-8")
    return folder


# Somebody who heads the unit that leads the application in either county.
_ACCOUNTS = f"""
from django.contrib.auth.hashers import make_password
from django.db import transaction
from guantong.access.account import leave
from guantong.access.models import User
from guantong.base.clock import local_day, machine_now
from guantong.orgs import api as orgs
on = local_day(machine_now())
for name, code in (("qingyuan-head", "emergency@331126"), ("longquan-head", "emergency@331181")):
    unit = orgs.unit_by_code(code, on=on)
    person = next(p for p in orgs.people_of_unit(unit.id, on=on) if p.post_code == "head")
    with transaction.atomic():
        user = User.objects.create(username=name, password=make_password("{"guantong-demo-2026"}"),
            person_id=person.id, printed_password=True, language="zh-CN",
            activated_at=machine_now())
        leave("make", user, at=user.date_joined, actor="system", after=True)
print("null")
"""

# A storm that stands over the mountains, as seen at an hour.
_STORM = """
from datetime import datetime
from guantong.base.clock import machine_now
from guantong.base.realm import LIVE
from guantong.data import api as data
contract = data.contract_of("flood_response.typhoon_track")
batch = data.check_rows(contract, [{"track_id": "S", "season": 2026, "basin": "WP",
    "observed_at": sys.argv[1], "lat": 27.9, "lon": 119.1, "wind_kt": 60, "pressure_hpa": 975}])
assert not batch.rejected, batch.rejected
data.land(contract, batch.rows, realm=LIVE, batch_key=sys.argv[1], at=machine_now(), actor="test")
print("null")
"""


def levels(own: Installation) -> dict[str, list[str]]:
    """Return what the signal said of the two counties, run by run."""
    with own.store() as connection:
        rows = connection.execute(
            "select division_code, array_agg(level order by at) from brain_signal"
            " where division_code = any(%s) group by division_code",
            [[QINGYUAN, LONGQUAN]],
        ).fetchall()
    return dict(rows)


def patiently(holds: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := holds()):
        assert time.monotonic() < until, "it never came"
        time.sleep(0.5)
    return found


def refused(answer: Callable[[], str]) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        answer()
    return caught.value.code, caught.value.read().decode()


def form(area: str, value: str, **more: str) -> dict[str, str]:
    return {
        "area": area,
        "value": value,
        "on": local_day(NOW).isoformat(),
        "why": "会商：林地多",
    } | more


def test_a_county_overrides_a_threshold_and_its_next_alert_is_another(up: Up) -> None:
    script(up.own, _STORM, (NOW - timedelta(hours=6)).isoformat())
    before = patiently(lambda: levels(up.own).get(QINGYUAN))
    neighbour = Person(up, "longquan-head")
    code, _ = refused(lambda: neighbour.post(LAND, sure="1", **form(QINGYUAN, "0.6")))

    head = Person(up, "qingyuan-head")
    looked = head.post(LAND, **form(QINGYUAN, "0.6"))
    done = head.post(LAND, sure="1", **form(QINGYUAN, "0.6"))
    neighbour.post(LAND, sure="1", **form(LONGQUAN, "0.75"))
    script(up.own, _STORM, NOW.isoformat())
    after = patiently(lambda: len(levels(up.own)[QINGYUAN]) == 2 and levels(up.own))

    assert code == 403
    assert "庆元县" in looked
    assert "为 0.6（原为 0.8）" in looked
    assert "会商：林地多" in done
    order = ["none", "blue", "yellow", "orange", "red"]
    assert order.index(after[QINGYUAN][1]) < order.index(before[0])
    with up.own.store() as connection:
        open_alert = connection.execute(
            "select level from brain_alert where division_code = %s", [QINGYUAN]
        ).fetchone()
        kept = connection.execute(
            "select inputs -> 'parameters' ->> 'land_reduction' from data_run"
            " where dataset = 'flood_response.county_exposure' order by id desc limit 1"
        ).fetchone()
    assert open_alert == (after[QINGYUAN][1],)
    assert kept == ("0.8; 331126: 0.6; 331181: 0.75",)


def test_an_upgrade_keeps_the_override_it_takes_and_asks_about_the_one_it_does_not(
    up: Up, newer: Path
) -> None:
    dry = up.own.run("apps", "install", "--dry-run", newer)
    alone = up.own.run("apps", "upgrade", newer, "--why", "年度更新", "--approved-by", "admin")
    brought = up.own.run("apps", "bring", newer)
    page = "/apps/releases/" + re.findall(r"[0-9a-f-]{36}", brought.out)[0]
    admin, county = Person(up, "admin"), Person(up, "qingyuan-head")
    code, _ = refused(lambda: county.post(page, why="自行升级"))
    shown = admin.get(page)
    (conflict,) = re.findall(r'name="(decide-[0-9a-f-]{36})"', shown)
    undecided, said = refused(lambda: admin.post(page, why="年度更新"))
    up.own.run("apps", "history")

    done = admin.post(page, why="年度更新", **{conflict: "0.7"})

    assert dry.code == 0, dry.err
    assert "would take the place of 0.1.0" in dry.out
    assert "In conflict: land_reduction of 331126000000, 0.6: outside 0.7 to 1.0." in dry.out
    assert "1 values that areas have set are kept" in dry.out
    assert "running cases of county_response go on" in dry.out
    assert (alone.code, "does not take 1 values" in alone.err) == (2, True)
    assert code == 403
    assert "冲突：331126000000 的 land_reduction 为 0.6" in shown
    assert (undecided, "请对每一个作出决定" in said) == (409, True)
    assert "防汛防台 0.2.0 已安装。" in done
    assert "0.2.0 由 0.1.0 升级" in done
    assert "年度更新" in done
    parameters = county.get(PARAMETERS)
    assert "0.7 – 1" in parameters  # the range of the new release, in the process that serves
    assert "0.75" in parameters  # the neighbour's word is kept
    assert "release 0.2.0" in parameters  # and the county's own ended by it, in the history


def test_what_was_running_goes_on_by_its_release_and_a_withdrawn_application_begins_nothing(
    up: Up,
) -> None:
    with up.own.store() as connection:
        cases = connection.execute(
            "select id, release from flows_case where state = 'open'"
            " and division_code = %s", [QINGYUAN],
        ).fetchall()  # fmt: skip
        count = connection.execute("select count(*) from flows_case").fetchone()
        first = connection.execute(
            "select id::text from packages_release where version = '0.1.0'"
            " and package = 'flood_response'"
        ).fetchone()
    admin, duty = Person(up, "admin"), Person(up, "qingyuan")
    withdrawn = admin.post("/apps/flood_response/withdraw", why="换用省级新应用")
    time.sleep(3)  # the workers look once a second

    script(up.own, _STORM, (NOW + timedelta(hours=3)).isoformat())
    patiently(lambda: _facts_waiting(up.own) == 0)
    ((case, release),) = cases
    (advise,) = _open_steps(up.own, case)["advise"]
    duty.do(advise, advice="请加强防范")
    after = _open_steps(up.own, case)
    history = up.own.run("apps", "history", "flood_response")

    assert (release,) == first
    assert "该应用已停用" in withdrawn
    assert "个在办案件按启动时的版本继续办结" in withdrawn
    with up.own.store() as connection:
        assert connection.execute("select count(*) from flows_case").fetchone() == count
    assert len(levels(up.own)[QINGYUAN]) == 2  # nothing was heard of the third landing
    assert "advise" not in after
    assert "control" in after  # the case went on to its next step
    acts = [line.split("  ")[2] for line in history.out.strip().splitlines()]
    assert acts == ["withdrawn", "upgraded from 0.1.0", "installed"]


def test_the_log_and_the_way_back_hold_what_was_decided(up: Up, newer: Path) -> None:
    again = up.own.run(
        "apps", "install", newer, "--why", "恢复使用", "--by", "省应急厅", "--approved-by", "admin"
    )
    twice = up.own.run("apps", "install", newer, "--why", "恢复使用", "--approved-by", "admin")
    audited = up.own.run("check", "audit")

    assert again.code == 0, again.err
    assert (twice.code, "Nothing is left to do" in twice.err) == (2, True)
    assert audited.code == 0, audited
    assert "command:apps 省应急厅 (admin): 恢复使用" in up.own.run("apps", "history").out


def _open_steps(own: Installation, case: object) -> dict[str, list[object]]:
    with own.store() as connection:
        rows = connection.execute(
            "select item, array_agg(id) from flows_task where case_id = %s and kind = 'step'"
            " and state = 'dispatched' group by item", [case],
        ).fetchall()  # fmt: skip
    return dict(rows)


def _facts_waiting(own: Installation) -> int:
    with own.store() as connection:
        row = connection.execute(
            "select count(*) from base_outboxmessage where realm = 'live' and state = 'waiting'"
        ).fetchone()
    assert row is not None
    return int(row[0])
