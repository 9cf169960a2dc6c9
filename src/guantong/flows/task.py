"""The life of a task: its states, and which verb leads from where to where. Rules only.

One vocabulary for all applications (STYLE B6): registered → dispatched → accepted → handling →
completed → verified → closed_out; aside: sent_back, withdrawn. Receipts (签收链: sent, received,
read, accepted, fed back) are instants on the way and change no state by themselves.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from guantong.flows.errors import NotInThatState, SamePerson, SentBackTooOften

STATES = (
    "registered", "dispatched", "accepted", "handling", "completed", "verified", "closed_out",
    "sent_back", "withdrawn",
)  # fmt: skip
# Somebody must act, and the limit runs.
ACTIVE = ("dispatched", "accepted", "handling", "sent_back")
END = ("closed_out", "withdrawn")
# Nothing more is expected before the case itself goes on: done and looked at, or ended.
SETTLED = ("verified", *END)

# Our rule, after the practice of the grassroots platforms (domain/applications.md 2.10): a task
# may be sent back twice; after that the superior has decided and it stays.
MOST_SENT_BACK = 2


@dataclass(frozen=True, slots=True)
class Verb:
    """What may be done to a task in the states ``allowed``; ``becomes`` is None when it stays."""

    name: str
    allowed: tuple[str, ...]
    becomes: str | None
    stamps: str


RECEIVE = Verb("receive", ("dispatched",), None, "received_at")
READ = Verb("read", ("dispatched",), None, "read_at")
ACCEPT = Verb("accept", ("dispatched",), "accepted", "accepted_at")
SEND_BACK = Verb("send_back", ("dispatched", "accepted"), "sent_back", "fed_back_at")
DISPATCH_ANEW = Verb("dispatch_anew", ("sent_back",), "dispatched", "sent_at")
COMPLETE = Verb("complete", ("accepted", "handling"), "completed", "completed_at")
VERIFY = Verb("verify", ("completed",), "verified", "verified_at")
REJECT = Verb("reject", ("completed",), "accepted", "fed_back_at")
CLOSE_OUT = Verb("close_out", ("completed", "verified"), "closed_out", "closed_at")
WITHDRAW = Verb("withdraw", ("registered", "dispatched", "sent_back"), "withdrawn", "closed_at")
VERBS = (
    RECEIVE, READ, ACCEPT, SEND_BACK, DISPATCH_ANEW, COMPLETE, VERIFY, REJECT, CLOSE_OUT, WITHDRAW,
)  # fmt: skip


def check(verb: Verb, state: str) -> None:
    """Refuse ``verb`` on a task in ``state`` where it is not allowed."""
    if state not in verb.allowed:
        raise NotInThatState(verb=verb.name, state=state, allowed=", ".join(verb.allowed))


def check_sender_back(times: int) -> None:
    """Refuse to send a task back once more after it was sent back twice."""
    if times >= MOST_SENT_BACK:
        raise SentBackTooOften(times=times)


def check_accepter(person: UUID | None, *, doer: UUID | None, finder: UUID | None) -> None:
    """Refuse a verifier who did the work or found the matter himself (promise P2)."""
    if person is not None and person in {doer, finder}:
        raise SamePerson()


def choose(people: Collection[UUID], *, without: Collection[UUID | None]) -> UUID | None:
    """Return the first of ``people`` who is none of ``without``."""
    return next((person for person in people if person not in without), None)
