"""How the actors of an exercise behave: a pure function of the task's own key.

Each task is answered with delays a scenario declares as [least, most] minutes. Where a task falls
between them, whether it is late and whether it is refused is drawn from its key, so that the
same exercise goes the same way every time, whatever was killed in between.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from guantong.base.hashing import fraction

# Actors look at the clock every ten minutes: an exercise of days has a few hundred instants.
TICK = timedelta(minutes=10)
# A superior decides a task that was sent back within half an hour (our choice for exercises).
ARBITRATION_MINUTES = (10, 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one kind of task is answered with. Delays in minutes, each after the act before."""

    receive: tuple[int, int]
    read: tuple[int, int]
    accept: tuple[int, int]
    complete: tuple[int, int]
    verify: tuple[int, int] | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    late_share: float = 0.0
    late_times: int = 1
    refuse_share: float = 0.0
    refuse_why: str = ""

    def delay(self, act: str, key: str) -> timedelta:
        """Return how long after the act before it a task of ``key`` has to wait for ``act``."""
        if act == "dispatch_anew":
            return _between(ARBITRATION_MINUTES, key, act)
        span: tuple[int, int] = getattr(self, act)
        late = act in ("accept", "complete") and fraction(key, "late") < self.late_share
        return _between(span, key, act) * (self.late_times if late else 1)

    def refuses(self, key: str, *, sent_back_times: int) -> bool:
        """Say whether the holder sends a task of ``key`` back; only its first holder does."""
        return sent_back_times == 0 and fraction(key, "refuse") < self.refuse_share


def _between(span: tuple[int, int], key: str, act: str) -> timedelta:
    least, most = span
    return timedelta(minutes=least + fraction(key, act) * (most - least))


def tick(at: datetime) -> datetime:
    """Return the next moment at or after ``at`` at which actors look at the clock."""
    seconds = TICK.total_seconds()
    return datetime.fromtimestamp(-(-at.timestamp() // seconds) * seconds, tz=at.tzinfo)


def read_behaviours(actors: Sequence[Mapping[str, object]]) -> dict[str, Behaviour]:
    """Return the behaviour for each step or plan item, from the ``actors`` of a scenario."""
    found: dict[str, Behaviour] = {}
    for actor in actors:
        late: Mapping[str, float] = actor.get("late") or {}  # type: ignore[assignment]
        refuse: Mapping[str, object] = actor.get("refuse") or {}  # type: ignore[assignment]
        behaviour = Behaviour(
            receive=_span(actor["receive"]), read=_span(actor["read"]),
            accept=_span(actor["accept"]), complete=_span(actor["complete"]),
            verify=_span(actor["verify"]) if "verify" in actor else None,
            answers=actor.get("answers") or {},  # type: ignore[arg-type]
            late_share=float(late.get("share", 0)), late_times=int(late.get("times", 1)),
            refuse_share=float(refuse.get("share", 0)),  # type: ignore[arg-type]
            refuse_why=str(refuse.get("why", "")),
        )  # fmt: skip
        for item in actor["does"]:  # type: ignore[attr-defined]
            found[item] = behaviour
    return found


def _span(value: object) -> tuple[int, int]:
    assert isinstance(value, list), "the schema of scenarios asks for [least, most]"
    return int(value[0]), int(value[1])
