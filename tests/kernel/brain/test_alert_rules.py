"""How an alert lives: opened once, raised, lowered, ended, perhaps opened again."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from guantong.brain.alert import Alert, end, ends_at, hear

LEVELS = ("blue", "yellow", "orange", "red")
NOON = datetime(2019, 8, 9, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOLDS, EXPIRES = 6 * HOUR, 24 * HOUR


def said(alert: Alert | None, level: str, at: datetime) -> tuple[Alert | None, str]:
    return hear(alert, level=level, below=level == "none", at=at, levels=LEVELS)


def opened(level: str = "yellow", at: datetime = NOON) -> Alert:
    alert, change = said(None, level, at)
    assert alert is not None
    assert change == "opened"
    return alert


def due(alert: Alert) -> tuple[datetime, str] | None:
    return ends_at(alert, holds_for=HOLDS, expires_after=EXPIRES)


def test_a_matter_that_bothers_nobody_opens_no_alert() -> None:
    assert said(None, "none", NOON) == (None, "unchanged")


def test_an_alert_rises_and_falls_and_remembers_its_highest_level() -> None:
    red, rose = said(opened(), "red", NOON + HOUR)
    blue, fell = said(red, "blue", NOON + 2 * HOUR)

    assert (rose, fell) == ("raised", "lowered")
    assert blue is not None
    assert (blue.level, blue.highest_level) == ("blue", "red")
    assert (blue.opened_at, blue.changed_at) == (NOON, NOON + 2 * HOUR)


def test_the_same_level_again_changes_nothing_but_the_time_it_was_heard() -> None:
    again, change = said(opened(), "yellow", NOON + HOUR)

    assert change == "unchanged"
    assert again is not None
    assert (again.changed_at, again.heard_at) == (NOON, NOON + HOUR)


def test_news_of_an_earlier_time_changes_nothing() -> None:
    alert = opened(at=NOON)

    assert said(alert, "red", NOON - timedelta(seconds=1)) == (alert, "unchanged")


def test_news_of_the_same_instant_is_heard() -> None:
    alert, change = said(opened(at=NOON), "red", NOON)

    assert change == "raised"
    assert alert is not None
    assert alert.level == "red"


def test_an_alert_ends_when_its_matter_has_been_below_for_as_long_as_declared() -> None:
    below, _ = said(opened(), "none", NOON + HOUR)
    assert below is not None
    still, _ = said(below, "none", NOON + 3 * HOUR)
    assert still is not None

    assert below.state == "open"
    assert due(below) == due(still) == (NOON + HOUR + HOLDS, "below")


def test_a_rise_in_between_begins_the_waiting_anew() -> None:
    below, _ = said(opened(), "none", NOON + HOUR)
    back, _ = said(below, "blue", NOON + 2 * HOUR)
    assert back is not None
    again, _ = said(back, "none", NOON + 3 * HOUR)
    assert again is not None

    assert due(back) == (NOON + 2 * HOUR + EXPIRES, "expired")
    assert due(again) == (NOON + 3 * HOUR + HOLDS, "below")


def test_an_alert_of_which_nothing_is_heard_runs_out() -> None:
    assert due(opened()) == (NOON + EXPIRES, "expired")


def test_an_ended_alert_has_no_level_and_stays_as_it_ended() -> None:
    ended = end(opened("red"), at=NOON + HOUR, because="below")

    assert (ended.level, ended.state, ended.because) == ("none", "closed", "below")
    assert ended.highest_level == "red"
    assert end(ended, at=NOON + 9 * HOUR, because="expired") == ended
    assert due(ended) is None


def test_an_ended_alert_opens_again_as_the_same_alert() -> None:
    ended = end(opened("orange"), at=NOON + HOUR, because="below")

    quiet, nothing = said(ended, "none", NOON + 2 * HOUR)
    again, change = said(ended, "yellow", NOON + 3 * HOUR)

    assert (quiet, nothing) == (ended, "unchanged")
    assert change == "reopened"
    assert again is not None
    assert (again.opened_at, again.level, again.highest_level) == (NOON, "yellow", "orange")
    assert (again.closed_at, again.because, again.below_since) == (None, "", None)


class Life(RuleBasedStateMachine):
    """Whatever is heard in whatever order: one alert, and its rules hold."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.alert: Alert | None = None
        self.opened = 0
        self.highest = 0
        self.newest = NOON - EXPIRES

    @rule(level=st.sampled_from(("none", *LEVELS)), hours=st.integers(0, 30))
    def hear_news(self, level: str, hours: int) -> None:
        self.now += hours * HOUR
        before = self.alert
        self.alert, change = said(before, level, self.now)
        self.opened += change == "opened"
        if level != "none":
            self.highest = max(self.highest, LEVELS.index(level))
        if self.alert is not None and self.alert.state == "open":
            assert self.alert.heard_at == self.now
            assert self.alert.level == level
        assert (change == "unchanged") == (
            (before is None and level == "none")
            or (
                before is not None
                and self.alert is not None
                and (before.state, before.level) == (self.alert.state, self.alert.level)
            )
        )

    @precondition(lambda self: self.alert is not None)
    @rule(level=st.sampled_from(("none", *LEVELS)), minutes=st.integers(1, 5000))
    def hear_late_news(self, level: str, minutes: int) -> None:
        assert self.alert is not None
        late = self.alert.heard_at - timedelta(minutes=minutes)
        assert said(self.alert, level, late) == (self.alert, "unchanged")

    @precondition(lambda self: self.alert is not None and self.alert.state == "open")
    @rule()
    def wait_for_the_end(self) -> None:
        assert self.alert is not None
        ending = due(self.alert)
        assert ending is not None
        when, why = ending
        if why == "below":
            assert self.alert.below_since is not None
            assert when == self.alert.below_since + HOLDS
        else:
            assert when == self.alert.heard_at + EXPIRES
        assert when <= self.alert.heard_at + EXPIRES
        self.now = max(self.now, when)
        self.alert = end(self.alert, at=self.now, because=why)

    @invariant()
    def there_is_one_alert_and_its_highest_level_never_falls(self) -> None:
        assert self.opened == (self.alert is not None)
        if self.alert is not None:
            assert LEVELS.index(self.alert.highest_level) == self.highest
            assert (self.alert.state == "closed") == (self.alert.closed_at is not None)


class TestLife(Life.TestCase):  # type: ignore[misc,valid-type]  # made by hypothesis
    settings = settings(max_examples=60, stateful_step_count=20, deadline=None)
