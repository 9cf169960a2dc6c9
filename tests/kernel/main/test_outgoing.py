"""Notices leave the platform whatever is wrong with their limits, and nobody is asked in vain."""

from collections.abc import Iterator

import pytest

from guantong.main import outgoing

pytestmark = pytest.mark.django_db


class Sender:
    """Stands for what sends; counts how often it was asked."""

    def __init__(self, tried: int) -> None:
        self.tried, self.asked = tried, 0

    def __call__(self, *_: object) -> int:
        self.asked += 1
        return self.tried


@pytest.fixture(autouse=True)
def _due(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Something is due for a channel, and this process has sent nothing yet."""
    channels = type("Channels", (), {"settings": {"hook": None}})()
    monkeypatch.setattr(outgoing.notices, "channels", lambda: channels)
    monkeypatch.setattr(outgoing.notices, "anything_due", lambda now, names: "hook" in names)
    monkeypatch.setattr(outgoing, "_sending", None)
    monkeypatch.setattr(outgoing, "_rests_until", 0.0)
    yield
    settle()


def settle() -> None:
    if outgoing._sending is not None:
        outgoing._sending.join(10)


def turns(count: int) -> None:
    for _ in range(count):
        outgoing.turn()
        settle()


@pytest.mark.parametrize(("tried", "asked"), [(1, 3), (0, 1)])
def test_who_found_nothing_to_send_is_not_asked_again_at_once(
    tried: int, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = Sender(tried)
    monkeypatch.setattr(outgoing.notices, "deliver_due", sender)

    turns(3)
    assert sender.asked == asked

    outgoing._rests_until -= outgoing.REST_SECONDS
    turns(1)
    assert sender.asked == asked + 1


def test_limits_that_cannot_be_looked_after_keep_nothing_from_being_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> int:
        raise ValueError("a notice that cannot be supervised")

    sender = Sender(1)
    monkeypatch.setattr(outgoing.notices, "deliver_due", sender)
    monkeypatch.setattr(outgoing.notices, "run_due", fails)

    turns(1)

    assert sender.asked == 1
