"""Facts that flows publishes, in the past tense. Plain values only: they go through the outbox."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A case was opened."""

    ordered_by: ClassVar[str] = "case_id"
    case_id: str
    package: str
    matter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksDispatched:
    """Tasks of one case were given to their holders; an item of a plan makes many at once."""

    ordered_by: ClassVar[str] = "case_id"
    case_id: str
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksSentBack:
    """Holders sent tasks back with a reason; the superior must give them out anew."""

    ordered_by: ClassVar[str] = "case_id"
    case_id: str
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksAccepted:
    """Holders took tasks of one case on (签收); told after those tasks were given out."""

    ordered_by: ClassVar[str] = "case_id"
    case_id: str
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksDueSoon:
    """Three quarters of the time of tasks are gone; their holders are reminded (催办)."""

    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksSupervised:
    """Tasks passed their limit; their superiors now watch them (督办)."""

    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """A case came to its end. ``outcome`` is what its review said of the alert."""

    ordered_by: ClassVar[str] = "case_id"
    case_id: str
    package: str
    matter: str
    outcome: str
