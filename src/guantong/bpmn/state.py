"""Where the tokens of one case stand, and what a step asks the world to do.

A state is small and goes into JSON and back unchanged; the variables of the case are not in
it, they belong to whoever keeps the case. Each time a token comes to rest it gets a new
number, so a step that is reported twice can never complete the task that followed it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """A token at rest. ``waiting`` for the world outside, or else for its fellows at a join.

    ``fired`` are the boundary timers on its task that have gone off without interrupting it.
    """

    id: int
    node: str
    arrived_by: str | None
    waiting: bool
    fired: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """All tokens of one case, and the number the next one will get."""

    tokens: tuple[Token, ...] = ()
    next_id: int = 1

    @property
    def finished(self) -> bool:
        """Return whether no token is left."""
        return not self.tokens

    @property
    def places(self) -> tuple[str, ...]:
        """Return the nodes at which tokens rest, each once, in order."""
        return tuple(sorted({token.node for token in self.tokens}))

    def token(self, token_id: int) -> Token | None:
        """Return the token of that number, if it is still there."""
        return next((token for token in self.tokens if token.id == token_id), None)

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return {
            "next": self.next_id,
            "tokens": [
                [token.id, token.node, token.arrived_by, token.waiting, list(token.fired)]
                for token in self.tokens
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "State":
        """Return the state that ``to_json`` wrote."""
        rows: Sequence[Sequence[Any]] = stored["tokens"]
        return cls(
            tokens=tuple(
                Token(number, node, arrived_by, waiting, tuple(fired))
                for number, node, arrived_by, waiting, fired in rows
            ),
            next_id=stored["next"],
        )


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """A person has something to do."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class ServiceCalled:
    """A service is to be called; its answer completes the token."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class RuleAsked:
    """A decision is to be taken by rule; its answer completes the token."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class TimerSet:
    """A timer starts. ``node`` is the timer itself, also where it stands on a task's boundary."""

    token: int
    node: str
    duration: timedelta


@dataclass(frozen=True, slots=True)
class TaskCancelled:
    """A task, service or rule is no longer wanted: a boundary timer interrupted it."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class TimerCancelled:
    """A boundary timer is no longer wanted: its task has ended."""

    token: int
    node: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A token came to an end event; others may still be under way."""

    node: str


@dataclass(frozen=True, slots=True)
class Stuck:
    """Tokens are left, but only at joins whose fellows can never come: somebody must step in."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finished:
    """No token is left: the process is over."""


Effect = (
    TaskOpened
    | ServiceCalled
    | RuleAsked
    | TimerSet
    | TaskCancelled
    | TimerCancelled
    | Ended
    | Stuck
    | Finished
)


@dataclass(frozen=True, slots=True)
class Step:
    """The state after a step, and what the step asks for, in order.

    ``passed`` are the ids of the flows its tokens went along, each time they did.
    """

    state: State
    effects: tuple[Effect, ...]
    passed: tuple[str, ...] = ()
