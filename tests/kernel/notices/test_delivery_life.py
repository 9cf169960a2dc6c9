"""The life of a delivery: what an answer makes of it, and that no way leads to sending it twice."""

import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests import province
from tests.kernel.notices.conftest import BUREAU, NOON, SHITANG, TAIPING, send

from guantong.notices import api as notices
from guantong.notices import errors
from guantong.notices.channel import Parcel, Setting
from guantong.notices.delivery import (
    END,
    LEADS_TO,
    MOST_ATTEMPTS,
    STATES,
    Answer,
    Next,
    after,
    orphaned,
    pause,
    rest,
)
from guantong.notices.models import Channel, Delivery

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("came", "repeats", "state"),
    [
        ("sent", True, "sent"),
        ("sent", False, "sent"),
        ("refused", True, "failed"),
        ("later", True, "queued"),
        ("later", False, "queued"),
        ("silent", True, "queued"),
        ("silent", False, "unknown"),
    ],
)
def test_what_an_answer_makes_of_a_delivery(came: str, repeats: bool, state: str) -> None:
    assert after(Answer(came=came), attempts=1, repeats=repeats, now=NOON).state == state


def test_the_last_attempt_is_the_last() -> None:
    later = Answer(came="later")

    before = after(later, attempts=MOST_ATTEMPTS - 1, repeats=True, now=NOON)
    last = after(later, attempts=MOST_ATTEMPTS, repeats=True, now=NOON)

    assert (before.state, last) == ("queued", Next("failed"))


def test_pauses_grow_to_an_hour_and_a_receiver_may_ask_for_longer() -> None:
    asked = Answer(came="later", wait=timedelta(minutes=20))

    assert [pause(n) / MINUTE for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert after(asked, attempts=1, repeats=True, now=NOON).at == NOON + timedelta(minutes=20)
    assert after(asked, attempts=6, repeats=True, now=NOON).at == NOON + timedelta(minutes=32)


def test_a_channel_rests_from_its_third_failure_on_and_never_longer_than_half_an_hour() -> None:
    assert rest(2) is None
    assert [rest(n) for n in (3, 4, 20)] == [MINUTE, 2 * MINUTE, 30 * MINUTE]


def test_what_an_interrupted_sender_left_is_repeated_only_where_that_does_no_harm() -> None:
    assert orphaned(repeats=True, now=NOON) == Next("queued", NOON)
    assert orphaned(repeats=False, now=NOON) == Next("unknown")


def test_every_state_is_known_to_the_table_of_ways_and_ends_lead_nowhere() -> None:
    assert set(LEADS_TO) == set(STATES)
    assert {state for state, ways in LEADS_TO.items() if not ways} == set(END)


class Died(BaseException):
    """The process was killed."""


CHANNELS = """
channels:
  hook: {type: hook, url: "http://127.0.0.1:9/", per_minute: 1000}
  sms: {type: sms, secret_file: /dev/null, per_minute: 1000}
"""


class Deliveries(RuleBasedStateMachine):
    """Deliveries through a channel whose receiver knows keys, and through one that does not."""

    @initialize()
    def begin(self) -> None:
        Delivery.objects.all().delete()
        Channel.objects.all().delete()
        self.now = NOON
        self.left: list[tuple[str, str]] = []
        self.taken: set[str] = set()
        self.asked_again: dict[str, int] = {}
        self.seen: dict[object, str] = {}

    def _send(self, come: str) -> Callable[[Setting, Parcel], Answer]:
        def send_one(setting: Setting, parcel: Parcel) -> Answer:
            if come == "died-before":
                raise Died
            if come in ("refused", "later"):
                return Answer(came=come, channel_fault=come == "later")
            self.left.append((setting.name, parcel.key))
            if setting.name == "hook":
                self.taken.add(parcel.key)
            if come == "died-after":
                raise Died
            if come == "broken":
                raise ValueError("somebody's 13800000000")
            return Answer(came=come)

        return send_one

    @rule(urgent=st.booleans(), to=st.sampled_from([(SHITANG,), (SHITANG, TAIPING)]))
    def somebody_writes(self, urgent: bool, to: tuple[str, ...]) -> None:
        send(*to, urgent=urgent, at=self.now)

    @rule(
        come=st.sampled_from(
            ["sent", "later", "refused", "silent", "died-before", "died-after", "broken"]
        )
    )
    def a_sender_works(self, come: str) -> None:
        sends: Mapping[str, object] = dict.fromkeys(("hook", "sms"), self._send(come))
        with contextlib.suppress(Died):
            notices.deliver_due(lambda: self.now, sends=sends)  # type: ignore[arg-type]

    @rule(minutes=st.sampled_from([1, 5, 70]))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTE

    @rule()
    def the_administrator_tries_again(self) -> None:
        row = Delivery.objects.filter(state__in=["failed", "unknown"]).order_by("id").first()
        if row is not None:
            notices.try_again(row.id, by=province.person(BUREAU).id, at=self.now)
            key = str(row.key)
            self.asked_again[key] = self.asked_again.get(key, 0) + 1

    @invariant()
    def only_known_ways_are_gone(self) -> None:
        rows = dict(Delivery.objects.values_list("id", "state"))
        for id, state in rows.items():
            was = self.seen.get(id, "queued")
            # One turn of a sender may go several ways, as from queued by sending to sent.
            reached, ways = {was}, [was]
            while ways:
                for to in LEADS_TO[ways.pop()]:
                    if to not in reached:
                        reached.add(to)
                        ways.append(to)
            assert state in reached
            assert was not in END or state == was
        self.seen = rows

    @invariant()
    def an_sms_leaves_once_unless_somebody_asked_for_it_again(self) -> None:
        keys = [key for name, key in self.left if name == "sms"]
        for key in keys:
            assert keys.count(key) <= 1 + self.asked_again.get(key, 0)

    @invariant()
    def what_counts_as_sent_by_the_hook_was_taken(self) -> None:
        keys = Delivery.objects.filter(channel="hook", state="sent").values_list("key", flat=True)
        assert {str(key) for key in keys} <= self.taken

    def teardown(self) -> None:
        if not hasattr(self, "now"):
            return
        # When all is well again, nothing of the hook is left behind but what was given up.
        good = dict.fromkeys(("hook", "sms"), self._send("sent"))
        for _ in range(3):
            self.now += timedelta(days=1)
            notices.deliver_due(lambda: self.now, sends=good)
        states = set(Delivery.objects.filter(channel="hook").values_list("state", flat=True))
        assert states <= {"sent", "failed"}


@pytest.mark.django_db
def test_no_way_leads_to_losing_or_doubling_a_delivery(
    province: province.Province,
    declare: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from guantong.notices import contacts, sender

    declare(CHANNELS)
    reached = contacts.Contact(number="1", mobile="13800000000")
    monkeypatch.setattr(sender, "contact_of", lambda person_id: reached)

    run_state_machine_as_test(
        Deliveries,
        settings=settings(
            max_examples=25, stateful_step_count=15, deadline=None,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # type: ignore[no-untyped-call]  # fmt: skip


@pytest.mark.django_db
def test_what_is_not_laid_aside_is_not_tried_again(
    province: province.Province, declare: Callable[[str], Path]
) -> None:
    declare(CHANNELS)
    anybody = send(SHITANG)
    queued = Delivery.objects.get(channel="sms")

    with pytest.raises(errors.DeliveryMovedOn, match="Reload the list"):
        notices.try_again(queued.id, by=anybody, at=NOON)
