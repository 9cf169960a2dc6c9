"""Versions of a table: written, released by a second person, holding in turn; the past stays."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests import province
from tests.kernel.packages.releases import enter
from tests.kernel.packages.releases import version as released_as
from tests.province import CANGNAN, EVENING, WENLING, Province, expose

from guantong.access.api import Rows
from guantong.audit.api import check, history, sequence
from guantong.base.clock import BEIJING, local_day, machine_now
from guantong.base.errors import GuantongError
from guantong.base.models import Exercise
from guantong.base.realm import LIVE
from guantong.brain import api as brain
from guantong.brain import service
from guantong.dmn.errors import DmnUnreadable
from guantong.main.life_commands import lines_of, table_decision
from guantong.packages import api as packages
from guantong.packages.api import Package, Version
from guantong.packages.errors import (
    RuleAltered,
    RuleBaseMoved,
    RuleDecisionUnknown,
    RuleDraftChanged,
    RuleMergeUndecided,
    RuleOwnDraft,
    RuleStateOver,
    RuleTooEarly,
    RuleUnchanged,
    RuleUnsound,
    UnknownTable,
)
from guantong.packages.life.models import RuleVersion
from guantong.packages.tables import timeline

PATH = "rules/typhoon_signal.dmn"
AUTHOR, SECOND = "person:00000000-0000-0000-0000-00000000000a", "person:b"
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
in_store = pytest.mark.django_db


# Which version holds: rules without a store


def released(number: int, begins: datetime, *, after: int = 0, own: bool = False) -> Version:
    at = NOON + timedelta(minutes=after)
    return Version(
        id=UUID(int=number + 1), package="p", path=PATH, state=timeline.RELEASED,
        digest="" if own else f"{number}", why="", by=AUTHOR, authors=(AUTHOR,), at=at,
        changed_at=at, base_digest="", from_version=None, from_release="",
        from_day=local_day(begins), begins_at=begins, released_by=SECOND, released_at=at,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Draw versions as they come about: released one after the other, each for then or later."""
    made = []
    for number in range(draw(st.integers(0, 7))):
        at = NOON + timedelta(days=number)
        day = local_day(at) + timedelta(days=draw(st.integers(0, 9)))
        begins = timeline.begins(day, at=at)
        made.append(released(number, begins, after=number * 24 * 60, own=draw(st.booleans())))
    return draw(st.permutations(made))


MOMENTS = st.integers(-50, 500).map(lambda hours: NOON + timedelta(hours=hours))


@given(histories(), MOMENTS)
def test_at_any_time_exactly_one_version_holds(versions: list[Version], at: datetime) -> None:
    found = timeline.holding(versions, at)

    # Said another way: the spans from each beginning to the next leave no gap and never meet.
    spans = [
        v for v in timeline.released_in_order(versions)
        if v.begins_at <= at  # type: ignore[operator]
        and ((until := timeline.holds_until(versions, v)) is None or at < until)
    ]  # fmt: skip
    assert len(spans) == (1 if any(v.begins_at <= at for v in versions) else 0)  # type: ignore[operator]
    assert found == (spans[0] if spans and not spans[0].own_file else None)


@given(histories(), MOMENTS, st.integers(0, 10))
def test_what_is_released_or_called_off_later_changes_nothing_before_it(
    versions: list[Version], at: datetime, days: int
) -> None:
    now = NOON + timedelta(days=20)
    before = min(at, now - timedelta(microseconds=1))
    new = released(99, timeline.begins(local_day(now) + timedelta(days=days), at=now), after=99999)
    called_off = [v for v in versions if not v.holds_later(now)]

    assert timeline.holding([*versions, new], before) == timeline.holding(versions, before)
    assert timeline.holding(called_off, before) == timeline.holding(versions, before)
    assert timeline.holding([*versions, new], new.begins_at or now) in (
        new, *(v for v in versions if v.begins_at == new.begins_at),
    )  # fmt: skip


@given(histories())
def test_what_will_come_is_told_in_the_order_in_which_it_comes(versions: list[Version]) -> None:
    ahead = timeline.coming(versions, NOON)

    starts = [v.begins_at for v in ahead]
    assert starts == sorted(starts)  # type: ignore[type-var]
    assert all(start > NOON for start in starts if start is not None)


def test_a_day_that_is_past_is_refused_and_today_begins_now() -> None:
    assert timeline.begins(date(2026, 6, 1), at=NOON) == NOON
    assert timeline.begins(date(2026, 6, 2), at=NOON) == datetime(2026, 6, 2, tzinfo=BEIJING)
    with pytest.raises(RuleTooEarly, match="Choose today or a later day"):
        timeline.begins(date(2026, 5, 31), at=NOON)


@given(st.lists(st.sampled_from(["person:a", "person:b", "person:c"]), min_size=1))
def test_nobody_who_wrote_at_a_version_releases_it(authors: list[str]) -> None:
    version = released(1, NOON)
    by_all = Version(**{name: getattr(version, name) for name in version.__slots__}
                     | {"authors": tuple(authors)})  # fmt: skip

    for person in ("person:a", "person:b", "person:c"):
        if person in authors:
            with pytest.raises(RuleOwnDraft, match="second person"):
                timeline.refuse_author(by_all, person)
        else:
            timeline.refuse_author(by_all, person)


# In the store


@pytest.fixture
def lower(flood: Package) -> bytes:
    """The table with red from 30 m/s of mean wind instead of 32.7."""
    return flood.documents[PATH].content.replace(b"&gt;= 32.7", b"&gt;= 30", 1)


def drafted(flood: Package, content: bytes, **more: Any) -> UUID:
    at = machine_now()
    given = {"why": "会商：提前预警", "from_day": local_day(at), "by": AUTHOR, "at": at} | more
    return packages.draft_table(flood, PATH, content, **given)


def release(flood: Package, id: UUID, **more: Any) -> None:
    at = more.pop("at", machine_now())
    given = {"from_day": local_day(at), "why": "核对无误", "by": SECOND, "at": at} | more
    packages.release_table(flood, id, **given)


def states() -> list[str]:
    return list(RuleVersion.objects.order_by("at", "id").values_list("state", flat=True))


@in_store
def test_a_draft_decides_nothing_and_a_released_version_does(flood: Package, lower: bytes) -> None:
    id = drafted(flood, lower)
    assert packages.table_at(flood, PATH, machine_now()) == (None, flood.documents[PATH].content)

    release(flood, id)

    found, content = packages.table_at(flood, PATH, machine_now())
    assert found is not None
    assert (found.id, content) == (id, lower)


@pytest.mark.django_db(transaction=True)
def test_every_act_leaves_its_leaf_and_the_log_agrees_with_the_store(
    flood: Package, lower: bytes, province: Province
) -> None:
    id = drafted(flood, lower)
    packages.redraft_table(
        flood, id, lower.replace(b"41.5", b"41.4"), was=packages.table_digest(lower),
        why="会商：再提前", from_day=local_day(machine_now()), by=AUTHOR, at=machine_now(),
    )  # fmt: skip
    release(flood, id, from_day=local_day(machine_now()) + timedelta(3))
    packages.withdraw_table(id, why="上级另有要求", by=SECOND, at=machine_now())
    while sequence():
        pass

    acts = [told.act for told in history("rule", id)]
    assert acts == ["draft", "write", "release", "withdraw"]
    assert check().faults == ()


@in_store
def test_the_author_is_refused_even_by_the_store_itself(flood: Package, lower: bytes) -> None:
    id = drafted(flood, lower)

    with pytest.raises(RuleOwnDraft):
        release(flood, id, by=AUTHOR)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.filter(id=id).update(
            state="released", released_by=AUTHOR, begins_at=NOON, released_at=NOON
        )
    assert states() == ["draft"]


@in_store
def test_who_writes_at_a_draft_later_becomes_one_of_its_authors(
    flood: Package, lower: bytes
) -> None:
    id = drafted(flood, lower)
    packages.redraft_table(
        flood, id, lower, was=packages.table_digest(lower), why="会商：再核",
        from_day=local_day(machine_now()), by=SECOND, at=machine_now(),
    )  # fmt: skip

    with pytest.raises(RuleOwnDraft):
        release(flood, id, by=SECOND)
    release(flood, id, by="person:third")


@in_store
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"&gt;= 32.7", b"30 to 40"),  # no FEEL
        (b'<text>"red"</text>', b'<text>"crimson"</text>'),  # a level the signal does not have
        (b"&gt;= 24.5", b"&gt;= wind_now"),  # a name nobody brings
    ],
)
def test_a_version_with_errors_is_not_released(flood: Package, old: bytes, new: bytes) -> None:
    id = drafted(flood, flood.documents[PATH].content.replace(old, new, 1))

    with pytest.raises(RuleUnsound, match="Mend them"):
        release(flood, id)
    assert states() == ["draft"]


@in_store
def test_what_is_no_table_or_is_the_same_table_is_refused(flood: Package, lower: bytes) -> None:
    with pytest.raises(DmnUnreadable):
        drafted(flood, b"<html/>")
    with pytest.raises(RuleUnchanged):
        release(flood, drafted(flood, flood.documents[PATH].content))
    with pytest.raises(UnknownTable, match="typhoon_signal"):
        packages.path_of(flood, "nothing")
    with pytest.raises(RuleTooEarly):
        drafted(flood, lower, from_day=local_day(machine_now()) - timedelta(1))


@in_store
def test_a_draft_that_was_compared_with_an_older_table_is_looked_at_again(
    flood: Package, lower: bytes
) -> None:
    other = lower.replace(b"41.5", b"41")
    first, second = drafted(flood, lower), drafted(flood, other)
    release(flood, first)

    with pytest.raises(RuleBaseMoved, match="save the draft again"):
        release(flood, second)
    packages.redraft_table(
        flood, second, other, was=packages.table_digest(other), why="会商：已对照",
        from_day=local_day(machine_now()), by=AUTHOR, at=machine_now(),
    )  # fmt: skip
    release(flood, second)

    found, _ = packages.table_at(flood, PATH, machine_now())
    assert found is not None
    assert found.id == second


@in_store
def test_two_who_write_at_once_do_not_overwrite_each_other(flood: Package, lower: bytes) -> None:
    id, was = drafted(flood, lower), packages.table_digest(lower)
    more = {"why": "会商：甲", "from_day": local_day(machine_now()), "at": machine_now()}
    packages.redraft_table(flood, id, lower.replace(b"41.5", b"41"), was=was, by=AUTHOR, **more)

    with pytest.raises(RuleDraftChanged, match="somebody else saved it"):
        packages.redraft_table(flood, id, lower, was=was, by=SECOND, **more)


@in_store
def test_what_holds_cannot_be_withdrawn_and_what_is_withdrawn_never_holds(
    flood: Package, lower: bytes
) -> None:
    now, later = drafted(flood, lower), drafted(flood, lower.replace(b"41.5", b"41"))
    release(flood, later, from_day=local_day(machine_now()) + timedelta(2))
    release(flood, now)

    with pytest.raises(RuleStateOver, match="began to hold"):
        packages.withdraw_table(now, why="改主意了", by=SECOND, at=machine_now())
    packages.withdraw_table(later, why="改主意了", by=SECOND, at=machine_now())
    with pytest.raises(RuleStateOver, match="withdrawn"):
        release(flood, later)

    found, _ = packages.table_at(flood, PATH, machine_now() + timedelta(days=9))
    assert found is not None
    assert found.id == now


@in_store
def test_an_old_version_comes_back_as_a_new_draft_and_its_dates_stay(
    flood: Package, lower: bytes
) -> None:
    first = drafted(flood, lower)
    release(flood, first)
    back = drafted(flood, flood.documents[PATH].content, from_version=first)
    release(flood, back)

    versions = packages.table_versions(flood.id, PATH)
    found, content = packages.table_at(flood, PATH, machine_now())

    assert content == flood.documents[PATH].content
    assert found is not None
    assert (found.id, found.from_version) == (back, first)
    old = next(v for v in versions if v.id == first)
    assert packages.table_content(old) == lower
    assert packages.holds_until(versions, old) == found.begins_at


@in_store
def test_a_version_altered_in_the_store_decides_nothing(flood: Package, lower: bytes) -> None:
    id = drafted(flood, lower)
    release(flood, id)
    RuleVersion.objects.filter(id=id).update(content=lower.replace(b"30", b"31", 1))

    with pytest.raises(RuleAltered):
        packages.table_at(flood, PATH, machine_now())
    with pytest.raises(RuleAltered):
        brain.signal_kind("flood_response.typhoon").ruling(LIVE, machine_now())


# What it decides


def heard(run_at: datetime, levels: dict[str, str], realm: Any = LIVE) -> dict[str, str]:
    run = expose(levels, realm=realm, at=run_at)
    service.assess(realm, brain.signal_kind("flood_response.typhoon"), run, at=run_at)
    alerts = brain.alerts(realm, rows=Rows(everything=True))
    return {alert.division_code: alert.level for alert in alerts}


@in_store
def test_data_that_land_later_are_judged_by_the_new_table_and_earlier_ones_stay(
    flood: Package, province: Province, lake: Path
) -> None:
    # Yellow, by the file, from 17.2 m/s within a day; the new table says orange for the same wind.
    sooner = flood.documents[PATH].content.replace(
        b'<outputEntry id="yellow_by_mean_wind_level"><text>"yellow"',
        b'<outputEntry id="yellow_by_mean_wind_level"><text>"orange"',
    )
    id = drafted(flood, sooner)
    early = heard(machine_now(), {WENLING: "yellow"})
    release(flood, id)

    late = heard(machine_now(), {CANGNAN: "yellow"})

    assert early == {WENLING: "yellow"}
    assert late == {WENLING: "yellow", CANGNAN: "orange"}
    told = {
        county: brain.signals_of_matter(LIVE, "flood_response.typhoon", f"LEKIMA/{county}")[-1]
        for county in (WENLING, CANGNAN)
    }
    assert [told[county].rule_version for county in (WENLING, CANGNAN)] == ["", str(id)]


@in_store
def test_an_exercise_keeps_the_table_of_the_day_it_was_started(
    flood: Package, lower: bytes, province: Province
) -> None:
    kind = brain.signal_kind("flood_response.typhoon")
    old = begin(machine_now())
    id = drafted(flood, lower)
    release(flood, id)
    new = begin(machine_now())

    assert kind.ruling(old, machine_now()).version == ""
    assert kind.ruling(new, EVENING).version == str(id)
    assert kind.ruling(LIVE, machine_now()).decision.decide({"wind_6h_ms": 31}).value == "red"
    assert kind.ruling(LIVE, machine_now() - timedelta(days=1)).version == ""


def begin(at: datetime) -> Any:
    realm = province.begin_exercise()
    Exercise.objects.filter(realm=realm).update(started_at=at)
    return realm


# A newer release of the package


@pytest.fixture
def overlaid(flood: Package, lower: bytes, province: Province) -> UUID:
    """A version that holds in the place of the installed package's file."""
    enter(flood)
    id = drafted(flood, lower)
    release(flood, id)
    return id


def newer(flood: Package, **files: str | None) -> Package:
    return released_as(flood, "0.2.0", **files)


def other_table(flood: Package) -> dict[str, str | None]:
    return {PATH: flood.documents[PATH].text.replace("41.5", "41.6", 1)}


def plan(package: Package) -> packages.DryRun:
    return packages.dry_run(packages.Brought(package=package), at=machine_now())


@in_store
def test_a_release_with_the_same_table_leaves_the_version_alone(
    flood: Package, overlaid: UUID
) -> None:
    told = plan(newer(flood))
    enter(newer(flood))

    assert (told.tables.kept, told.tables.conflicts) == ((PATH,), ())
    assert any(PATH in line for _, lines in packages.parts(told, "en") for line in lines)
    assert packages.table_at(flood, PATH, machine_now())[0] is not None


@in_store
def test_a_release_with_another_table_asks_for_a_decision(flood: Package, overlaid: UUID) -> None:
    release_ = newer(flood, **other_table(flood))

    told = plan(release_)

    assert [(c.path, c.why, c.can_keep) for c in told.tables.conflicts] == [(PATH, "changed", True)]
    with pytest.raises(RuleMergeUndecided, match="keep the version, or take"):
        enter(release_)
    for wrong in ({PATH: "perhaps"}, {PATH: "keep", "rules/other.dmn": "keep"}):
        with pytest.raises(RuleDecisionUnknown):
            enter(release_, tables=wrong)
    standing = packages.standing(flood.id)
    assert standing is not None
    assert standing.version == "0.1.0"


@in_store
def test_a_version_is_kept_over_a_new_file(flood: Package, overlaid: UUID) -> None:
    enter(newer(flood, **other_table(flood)), tables={PATH: "keep"})

    found, _ = packages.table_at(flood, PATH, machine_now())
    assert found is not None
    assert found.id == overlaid


@in_store
def test_a_new_file_takes_the_place_of_what_holds_and_of_what_was_to_come(
    flood: Package, overlaid: UUID, lower: bytes
) -> None:
    coming = drafted(flood, lower.replace(b"&gt;= 30", b"&gt;= 31", 1))
    release(flood, coming, from_day=local_day(machine_now()) + timedelta(5))
    before = machine_now()
    release_ = newer(flood, **other_table(flood))

    enter(release_, tables={PATH: "take"})

    after = packages.table_at(release_, PATH, machine_now())
    later = packages.table_at(release_, PATH, machine_now() + timedelta(days=9))
    assert after == later == (None, release_.documents[PATH].content)
    then, content = packages.table_at(release_, PATH, before)
    assert then is not None
    assert (then.id, content) == (overlaid, lower)
    assert packages.table_version(coming).state == "withdrawn"


@in_store
def test_a_version_the_new_release_cannot_carry_can_only_make_way(
    flood: Package, overlaid: UUID
) -> None:
    signal = flood.documents["signals/typhoon.yaml"].text
    without_red = signal.replace("[blue, yellow, orange, red]", "[blue, yellow, orange]")
    release_ = newer(flood, **{"signals/typhoon.yaml": without_red}, **other_table(flood))

    told = plan(release_)

    assert [c.why for c in told.tables.conflicts] == ["unsound"]
    with pytest.raises(RuleDecisionUnknown):
        enter(release_, tables={PATH: "keep"})


@in_store
@pytest.mark.usefixtures("province")
def test_the_file_of_an_earlier_release_is_shown_for_its_time(flood: Package) -> None:
    enter(flood)
    then = machine_now()
    enter(newer(flood, **other_table(flood)))

    assert packages.own_table(flood, PATH, then) == flood.documents[PATH].content
    assert b"41.6" in packages.own_table(flood, PATH, machine_now())


@in_store
def test_every_refusal_says_in_both_languages_what_to_do() -> None:
    refusals: list[GuantongError] = [
        RuleOwnDraft(), RuleBaseMoved(), RuleDraftChanged(), RuleUnchanged(), RuleUnsound(count=1),
        RuleStateOver(act="release", state="begun"), RuleAltered(version="x"),
    ]  # fmt: skip

    for refusal in refusals:
        assert "{" not in refusal.sentence("zh-CN") + refusal.sentence("en")
        assert refusal.sentence("zh-CN") != refusal.sentence("en")


@in_store
def test_the_command_line_tells_how_to_decide_and_reads_what_was_decided(
    flood: Package, overlaid: UUID
) -> None:
    told = list(lines_of(plan(newer(flood, **other_table(flood)))))

    assert any(f"--decide {PATH}=keep|take" in line for line in told)
    assert table_decision(f"{PATH}=keep") == (PATH, "keep")
