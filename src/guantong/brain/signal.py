"""A signal as a package declares it: on which data, by which rule, what is one matter, its end."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from guantong.base.realm import Realm
from guantong.dmn.api import Decision
from guantong.feel.api import Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision as it holds at a time; ``version`` names it, empty for the package's own file."""

    decision: Decision
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalKind:
    """One signal of a package, with its rule compiled."""

    id: str
    package: str
    title: str
    on: str
    decision: Decision
    level: str
    levels: tuple[str, ...]
    division: str
    at: str
    same_matter: tuple[str, ...]
    keep: tuple[str, ...]
    opens: str
    from_level: str
    ends_when: Expression
    holds_for: timedelta
    expires_after: timedelta
    feedback: tuple[str, ...]
    # Which version of the decision holds when; without it, the package's own always does.
    rulings: Callable[[Realm, datetime], Ruling] | None = None

    def ruling(self, realm: Realm, at: datetime) -> Ruling:
        """Return the decision that holds in a realm at a time."""
        if self.rulings is None:
            return Ruling(decision=self.decision)
        return self.rulings(realm, at)

    def matter(self, row: Mapping[str, Any]) -> str:
        """Return what the row is about: rows of the same matter change one alert."""
        return "/".join(str(row[column]) for column in self.same_matter)

    def named_level(self, level: object) -> str:
        """Return ``level`` if it is one that opens an alert, else "none"."""
        if level not in self.levels:
            return "none"
        named = str(level)
        too_low = self.levels.index(named) < self.levels.index(self.from_level)
        return "none" if too_low else named


_signals: dict[str, SignalKind] = {}
# Signals that hear nothing new: their open alerts come to their end, and none is opened.
_silent: set[str] = set()


def register_signal(signal: SignalKind, *, listens: bool = True) -> None:
    """Make a signal known to this process; one that does not listen only ends its alerts."""
    _signals[signal.id] = signal
    if listens:
        _silent.discard(signal.id)
    else:
        _silent.add(signal.id)


def silence_signals(package: str, *, but: Collection[str]) -> None:
    """Let every signal of a package hear nothing more, but those."""
    _silent.update(s.id for s in signals_of(package) if s.id not in but)


def listens(signal: SignalKind) -> bool:
    """Say whether a signal may still open alerts and cases."""
    return signal.id not in _silent


def signal_kind(id: str) -> SignalKind:
    """Return the signal ``id``; an unknown one is a fault of the caller."""
    return _signals[id]


def signals_on(dataset: str) -> tuple[SignalKind, ...]:
    """All signals that look at a dataset and listen, by id."""
    return tuple(s for _, s in sorted(_signals.items()) if s.on == dataset and listens(s))


def signals_of(package: str) -> tuple[SignalKind, ...]:
    """All signals of a package, by id."""
    return tuple(s for _, s in sorted(_signals.items()) if s.package == package)
