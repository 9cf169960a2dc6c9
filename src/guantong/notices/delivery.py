"""The life of one delivery through a channel: its states, and what an answer makes of it.

queued → sending → sent; from sending back to queued when it is worth another try, or to failed,
or to unknown: nobody can say whether it arrived. The step to ``sending`` is written, with the
key, before anything leaves; so after a crash it is known what may have left (promise P6). A
channel that repeats (its receiver knows keys, or a second copy does no harm) sends again with
the same key; one that does not is shown to the sender as unknown. Rules only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

# queued: waits for its time · sending: claimed, may have left · sent: the channel has taken it ·
# failed: given up, somebody must look · unknown: may have arrived, is not repeated by itself ·
# withdrawn: taken back or without a reader before it left · spared: was read here meanwhile.
STATES = ("queued", "sending", "sent", "failed", "unknown", "withdrawn", "spared")
END = ("sent", "withdrawn", "spared")
# Where somebody must look.
LAID_ASIDE = ("failed", "unknown")
LEADS_TO: dict[str, tuple[str, ...]] = {
    "queued": ("sending", "withdrawn", "spared", "failed"),
    "sending": ("sent", "queued", "failed", "unknown"),
    # A sender that was taken for dead may still report what it did.
    "unknown": ("sent", "queued", "withdrawn"),
    "failed": ("queued", "withdrawn"),
    "sent": (),
    "withdrawn": (),
    "spared": (),
}

OCCASIONS = ("sent", "reminded")

MOST_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)

# A channel that fails three times in a row is left alone for a while (circuit breaker), so that
# a dead gateway costs one try now and then and not one for each delivery.
FAILURES_TO_OPEN = 3
FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one attempt.

    ``sent`` the receiver has it · ``later`` it was not taken, try again · ``refused`` it never
    will be · ``silent`` it left and nothing came back. ``said`` is for the one who looks; it
    holds no address.
    """

    came: str
    said: str = ""
    wait: timedelta | None = None
    # A refusal of one address says nothing about the channel; a dead gateway does.
    channel_fault: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """The state after an attempt, and when the next one may be made."""

    state: str
    at: datetime | None = None


def after(answer: Answer, *, attempts: int, repeats: bool, now: datetime) -> Next:
    """Return what becomes of a delivery whose attempt number ``attempts`` came to ``answer``."""
    if answer.came == "sent":
        return Next("sent")
    if answer.came == "refused":
        return Next("failed")
    if answer.came == "silent" and not repeats:
        return Next("unknown")
    if attempts >= MOST_ATTEMPTS:
        return Next("failed")
    return Next("queued", now + max(pause(attempts), answer.wait or timedelta()))


def orphaned(*, repeats: bool, now: datetime) -> Next:
    """Return what becomes of a delivery whose sender died between claiming and recording."""
    return Next("queued", now) if repeats else Next("unknown")


def pause(attempts: int) -> timedelta:
    """Return how long to wait after that many attempts: twice as long each time, up to an hour."""
    return min(FIRST_PAUSE * (1 << max(attempts - 1, 0)), LONGEST_PAUSE)


def rest(failures: int) -> timedelta | None:
    """Return how long a channel is left alone after so many failures in a row."""
    if failures < FAILURES_TO_OPEN:
        return None
    return min(FIRST_REST * (1 << min(failures - FAILURES_TO_OPEN, 10)), LONGEST_REST)
