"""Releases are kept, installed, followed by newer ones, withdrawn: whole, and with who and why."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from tests import province
from tests.kernel.packages.releases import changed, enter, narrower, set_land, version
from tests.province import EVENING, QINGYUAN, WENLING

from guantong.audit.api import check, sequence
from guantong.base.clock import local_day, machine_now
from guantong.base.errors import GuantongError
from guantong.base.realm import LIVE
from guantong.brain import api as brain
from guantong.data import api as data
from guantong.flows import api as flows
from guantong.flows.models import Case
from guantong.main import wiring
from guantong.main.shipped import enter_shipped
from guantong.packages import api as packages
from guantong.packages.api import Brought, Package
from guantong.packages.errors import (
    AlreadyInstalled,
    DecisionUnknown,
    MergeUndecided,
    NotInstalled,
    NotNewer,
    ParameterOutsideRange,
    ParameterReasonMissing,
    ReleaseAltered,
    VersionTaken,
)
from guantong.packages.life import current
from guantong.packages.life.models import Change, Installed, ParameterValue, Release, ReleaseFile

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province")]

ID, LAND = "flood_response", "land_reduction"
WHY = "年度更新"


@pytest.fixture(autouse=True)
def _as_before(flood: Package) -> Iterator[None]:
    """Put this process back to the package of the folder: others test with it."""
    yield
    current.forget()
    wiring.install_folder(django_settings.APPS_FOLDER)


def test_what_is_kept_is_read_back_file_for_file(flood: Package) -> None:
    done = enter(flood)

    back = packages.brought_release(done.release).package

    assert back.digest == flood.digest == done.digest
    assert {p: d.content for p, d in back.documents.items()} == {
        p: d.content for p, d in flood.documents.items()
    }
    assert ReleaseFile.objects.count() == len(flood.documents)


def test_an_altered_file_keeps_its_release_from_being_carried_out(flood: Package) -> None:
    done = enter(flood)
    ReleaseFile.objects.filter(path="parameters.yaml").update(content=b"land_reduction: {}\n")

    with pytest.raises(ReleaseAltered, match="not those that were kept"):
        packages.brought_release(done.release)


def test_shipped_packages_are_entered_once_and_follow_the_kernel(flood: Package) -> None:
    folder, at = django_settings.APPS_FOLDER, machine_now()

    enter_shipped(folder, at=at)
    enter_shipped(folder, at=at)

    stands = packages.standing(ID)
    assert stands is not None
    assert (stands.by, stands.origin, stands.state) == ("kernel", "shipped", "installed")
    assert [c.act for c in packages.history(ID)] == ["install"]
    newer = Brought(package=changed(flood, **{"maturity.yaml": None}), origin=packages.SHIPPED)
    packages.enter(newer, by="kernel", why=WHY, at=at)
    enter_shipped(folder, at=at)  # the kernel's own again, under the same version
    assert [c.act for c in packages.history(ID)] == ["upgrade", "upgrade", "install"]
    assert Release.objects.filter(package=ID).count() == 2


@pytest.mark.parametrize("act", ["another release", "withdrawn"])
def test_what_a_person_decided_is_not_undone_by_the_next_start(flood: Package, act: str) -> None:
    at = machine_now()
    enter_shipped(django_settings.APPS_FOLDER, at=at)
    if act == "withdrawn":
        packages.withdraw(ID, by="person:x", why=WHY, at=at)
    else:
        enter(version(flood, "0.2.0"))
    before = packages.standing(ID)

    enter_shipped(django_settings.APPS_FOLDER, at=at)

    assert packages.standing(ID) == before


def test_a_release_follows_only_an_older_one(flood: Package) -> None:
    enter(version(flood, "0.9.0"))
    enter(version(flood, "0.10.0"))

    with pytest.raises(AlreadyInstalled):
        enter(version(flood, "0.10.0"))
    with pytest.raises(NotNewer, match=r"0\.10\.0 is installed, and 0\.9\.0 is not newer"):
        enter(version(flood, "0.9.0"))
    with pytest.raises(VersionTaken):
        enter(version(flood, "0.10.0", **{"maturity.yaml": None}))
    assert Change.objects.count() == 2


def test_a_change_needs_a_reason(flood: Package) -> None:
    with pytest.raises(ParameterReasonMissing):
        enter(flood, why="")
    assert not Installed.objects.exists()


def test_a_running_case_goes_on_by_the_release_it_began_with(flood: Package) -> None:
    first = enter(flood)
    packages.follow()
    case = province.open_case()
    # In the next release a step has another name: by its graph the old case could not go on.
    path = "flows/county_response.bpmn"
    flow = flood.documents[path].text
    second = enter(version(flood, "0.2.0", **{path: flow.replace('"control"', '"control_b"')}))
    current._looked_at = 0.0
    assert packages.look()

    later = province.open_case(county="331083000000")
    province.do_step(case, "advise", advice="a")
    province.do_step(later, "advise", advice="a")
    province.do_step(case, "control", measures="m")
    province.do_step(later, "control_b", measures="m")

    releases = dict(Case.objects.values_list("id", "release"))
    assert releases == {case: str(first.release), later: str(second.release)}
    assert flows.process_of(ID, "county_response").release == str(second.release)
    old = flows.process_of(ID, "county_response", str(first.release))
    assert old.xml == flow.encode()
    assert flows.running_cases(ID) == {
        (str(first.release), "county_response"): 1, (str(second.release), "county_response"): 1,
    }  # fmt: skip


def test_a_process_that_never_held_the_old_release_reads_it_when_a_case_asks(
    flood: Package,
) -> None:
    first = enter(flood)
    packages.follow()
    case = province.open_case()
    enter(version(flood, "0.2.0"))
    # As a process that starts afterwards.
    from guantong.flows import plan, process

    for known in (process._processes, plan._plans):
        for key in [k for k in known if str(first.release) in k]:
            del known[key]
    current.forget()
    packages.follow()

    province.activate(case)

    assert flows.process_of(ID, "county_response", str(first.release)).release == str(first.release)
    assert Case.objects.get(id=case).state == "open"


def test_cases_from_before_releases_were_kept_belong_to_the_first(flood: Package) -> None:
    case = province.open_case()
    assert Case.objects.get(id=case).release == ""

    first = enter(flood)
    enter(version(flood, "0.2.0"))

    assert Case.objects.get(id=case).release == str(first.release)


def test_an_area_s_word_is_kept_by_a_release_that_takes_it(flood: Package) -> None:
    enter(flood)
    id = set_land(flood, WENLING, "0.75")

    plan = packages.dry_run(Brought(package=narrower(flood)), at=machine_now())
    enter(narrower(flood))

    assert [s.id for s in plan.merged.kept] == [id]
    assert plan.merged.conflicts == ()
    kept = packages.settings_of(ID)
    assert [(s.id, s.value, s.ended_at) for s in kept] == [(id, 0.75, None)]


def test_a_conflict_stops_the_upgrade_until_somebody_decides(flood: Package) -> None:
    enter(flood)
    low, fine = set_land(flood, QINGYUAN, "0.6"), set_land(flood, WENLING, "0.75")
    newer = narrower(flood)

    (conflict,) = packages.dry_run(Brought(package=newer), at=machine_now()).merged.conflicts
    assert (conflict.setting.id, conflict.why) == (low, "range")
    with pytest.raises(MergeUndecided, match="does not take 1 values"):
        enter(newer)
    with pytest.raises(ParameterOutsideRange):
        enter(newer, decisions={low: "0.65"})
    with pytest.raises(DecisionUnknown):
        enter(newer, decisions={low: "0.7", fine: "end"})
    assert packages.standing(ID).version == "0.1.0"  # type: ignore[union-attr]
    assert ParameterValue.objects.filter(ended_at=None).count() == 2

    enter(newer, decisions={low: "0.7"})

    today = local_day(machine_now())
    said = packages.settings_of(ID)
    assert packages.own_setting(said, QINGYUAN, today).value == 0.7  # type: ignore[union-attr]
    assert packages.own_setting(said, WENLING, today).id == fine  # type: ignore[union-attr]
    old = next(s for s in said if s.id == low)
    assert (old.value, old.ended_why) == (0.6, "release 0.2.0")


def test_a_word_about_a_parameter_that_is_gone_can_only_be_ended(flood: Package) -> None:
    enter(flood)
    id = set_land(flood, QINGYUAN, "0.6")
    sql = flood.documents["datasets/county_exposure.sql"].text.replace(
        "{{ parameter('land_reduction', c.division_code) }}", "0.8"
    )
    newer = version(
        flood, "0.2.0", **{"parameters.yaml": None, "datasets/county_exposure.sql": sql}
    )

    with pytest.raises(DecisionUnknown):
        enter(newer, decisions={id: "0.7"})
    enter(newer, decisions={id: "end"})

    assert packages.settings_of(ID)[0].ended_at is not None


def test_a_withdrawn_application_opens_nothing_and_ends_what_runs(
    flood: Package, lake: Path, small_map: None
) -> None:
    enter(flood)
    packages.follow()
    province.expose({WENLING: "orange"})
    province.deliver()
    (case,) = Case.objects.values_list("id", flat=True)
    packages.withdraw(ID, by="person:x", why=WHY, at=machine_now())
    current._looked_at = 0.0
    packages.look()

    province.expose({QINGYUAN: "red"}, at=EVENING + timedelta(hours=1))
    province.deliver()
    # Nobody renews the warning: it runs out, and the case is told that the danger is over.
    ended = brain.end_due(LIVE, EVENING + timedelta(days=2))
    province.do_step(case, "advise", advice="a")

    assert Case.objects.count() == 1
    assert [a.division_code for a in brain.alerts(LIVE, rows=province_rows())] == [WENLING]
    assert ended == 1
    assert Case.objects.get(id=case).data["alert_over"] is True
    assert data.contract_of("flood_response.county_exposure").columns
    with pytest.raises(NotInstalled):
        packages.withdraw(ID, by="person:x", why=WHY, at=machine_now())
    enter(flood)  # and back again, by the very same release
    assert packages.standing(ID).state == "installed"  # type: ignore[union-attr]


def province_rows() -> Any:
    from guantong.access.api import Rows

    return Rows(everything=True)


def test_words_and_signals_of_a_former_release_are_not_forgotten(flood: Package) -> None:
    zh = flood.documents["messages/zh-CN.yaml"].text
    odd = version(flood, "0.1.1", **{"messages/zh-CN.yaml": zh + '\nnode.gone: "已取消的环节"\n'})
    enter(odd)
    enter(version(flood, "0.2.0", **{"signals/typhoon.yaml": None}))
    current.forget()

    packages.follow()

    now = packages.installed(ID)
    assert now is not None
    assert now.say("node.gone", "zh-CN") == "已取消的环节"
    assert brain.signal_kind("flood_response.typhoon").levels[0] == "blue"
    from guantong.brain.signal import signals_on

    assert signals_on("flood_response.county_exposure") == ()


def test_every_change_is_in_the_log_and_an_altered_standing_is_named(flood: Package) -> None:
    enter(flood)
    packages.withdraw(ID, by="person:x", why=WHY, at=machine_now())

    from guantong.packages.life.trail import _SHOWN

    assert set(_SHOWN) == {
        "parameter", "difference", "release", "application", "rehearsal", "rule",
    }  # fmt: skip
    assert [(c.act, c.by, c.why) for c in packages.history()] == [
        ("withdraw", "person:x", WHY), ("install", "person:x", WHY),
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_log_names_a_standing_that_was_altered_behind_its_back(flood: Package) -> None:
    done = enter(flood)
    wiring.bring_witnesses()
    while sequence():
        pass
    whole = check()

    Installed.objects.update(state="withdrawn")
    Release.objects.filter(id=done.release).update(digest="0" * 64)
    altered = check()

    assert whole.faults == ()
    assert sorted(f.kind for f in altered.faults) == ["application", "release"]


@pytest.mark.django_db(transaction=True)
def test_two_who_install_at_once_make_one_installation(flood: Package) -> None:
    newer = version(flood, "0.2.0")

    answers = province.at_once(lambda: enter(flood), lambda: enter(newer))

    assert packages.standing(ID).version == "0.2.0" or any(  # type: ignore[union-attr]
        isinstance(a, NotNewer) for a in answers
    )
    assert Installed.objects.count() == 1
    assert Change.objects.count() == sum(isinstance(a, packages.Standing) for a in answers)


def test_a_dry_run_lists_what_changes_and_writes_nothing(flood: Package) -> None:
    enter(flood)
    province.open_case()
    zh = flood.documents["messages/zh-CN.yaml"].text
    newer = version(
        narrower(flood, "0.1.0"), "0.2.0",
        **{
            "messages/zh-CN.yaml": zh.replace("case.title:", "case.title2: x\ncase.title:"),
            "maturity.yaml": None,
            "signals/typhoon.yaml": flood.documents["signals/typhoon.yaml"].text + "\n# more\n",
        },
    )  # fmt: skip
    before = (Release.objects.count(), Change.objects.count(), Installed.objects.get().release_id)

    plan = packages.dry_run(Brought(package=newer), at=machine_now())

    told = {(c.subject, c.name, c.how) for c in plan.changes}
    assert told == {
        ("app", "app.yaml", "changed"), ("app", "maturity.yaml", "gone"),
        ("signals", "signals/typhoon.yaml", "changed"), ("parameters", LAND, "changed"),
        ("words", "zh-CN: case.title2", "new"),
    }  # fmt: skip
    assert plan.running == {("", "county_response"): 1}
    assert [n.dataset for n in plan.must_land] == ["flood_response.typhoon_track"]
    assert plan.stands is not None
    assert plan.stands.version == "0.1.0"
    after = (Release.objects.count(), Change.objects.count(), Installed.objects.get().release_id)
    assert after == before


def test_a_release_that_is_brought_waits_until_somebody_installs_it(flood: Package) -> None:
    id = packages.bring_in(Brought(package=flood), by="person:x", at=machine_now())

    assert [r.id for r in packages.waiting_releases()] == [id]
    assert packages.standing(ID) is None

    packages.enter(packages.brought_release(id), by="person:x", why=WHY, at=machine_now())

    assert packages.waiting_releases() == []
    assert packages.standing(ID).release == id  # type: ignore[union-attr]


def test_what_only_waits_has_no_part_in_what_is_installed(flood: Package) -> None:
    zh = flood.documents["messages/zh-CN.yaml"].text + '\nnode.later: "以后的环节"\n'
    packages.bring_in(
        Brought(package=version(flood, "0.2.0", **{"messages/zh-CN.yaml": zh})),
        by="person:x", at=machine_now(),
    )  # fmt: skip
    enter(flood)

    packages.follow()

    now = packages.installed(ID)
    assert now is not None
    assert now.say("node.later", "zh-CN") == "node.later"


def test_who_signed_it_is_added_to_a_release_that_is_known(flood: Package) -> None:
    first = packages.bring_in(Brought(package=flood), by="person:x", at=machine_now())

    again = packages.bring_in(
        Brought(package=flood, signer="province-key"), by="person:x", at=machine_now()
    )

    assert again == first
    assert packages.releases_of(ID)[0].signer == "province-key"


def test_a_shipped_release_that_needs_a_decision_waits_and_is_told(
    flood: Package, tmp_path: Path
) -> None:
    at = machine_now()
    enter_shipped(django_settings.APPS_FOLDER, at=at)
    set_land(flood, QINGYUAN, "0.6")
    shutil.copytree(flood.folder, tmp_path / ID)
    parameters = tmp_path / ID / "parameters.yaml"
    text = parameters.read_text("utf-8").replace("[0.5, 1.0]", "[0.7, 1.0]")
    parameters.write_text(text, "utf-8")
    told: list[GuantongError] = []

    enter_shipped(tmp_path, at=at, tell=told.append)

    assert [type(refusal) for refusal in told] == [MergeUndecided]
    assert packages.standing(ID).digest == flood.digest  # type: ignore[union-attr]
    assert [c.act for c in packages.history(ID)] == ["install"]
