"""What is asked for: one thing of a kind, or (without a place and a unit) the list of them."""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from guantong.orgs.api import Role

Kind = Literal[
    "case",
    "alert",
    "task",
    "object",
    "figure",
    "export",
    "stream",
    "file",
    "dataset",
    "run",
    "package",
    "audit",
    "settings",
    "unit",
    "account",
    "notice",
    "fact",
    "look",
]
KINDS: frozenset[str] = frozenset(get_args(Kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing, with what the rules look at.

    ``unit_ids`` hold it, or take part in it · ``lines`` lead it (牵头), for a task also its own
    line · ``package`` whose roles speak for it, and ``type`` which of its objects it is ·
    ``doers`` persons who found or did it (promise P2) · ``bound`` those whom a fresh appointment
    binds to them, who are no second person · ``posts`` the post codes that may act,
    any when empty · ``openers`` the roles of who may open it (``line@tier``), where
    a process says so itself · ``owner`` the person it is about or belongs to.
    """

    kind: Kind
    division_code: str | None = None
    unit_ids: tuple[UUID, ...] = ()
    lines: tuple[str, ...] = ()
    package: str | None = None
    type: str | None = None
    doers: tuple[UUID, ...] = ()
    bound: tuple[UUID, ...] = ()
    posts: tuple[str, ...] = ()
    openers: tuple[Role, ...] = ()
    object_id: UUID | None = None
    owner: UUID | None = None

    @property
    def is_list(self) -> bool:
        """Whether all things of the kind are meant rather than one."""
        return self.division_code is None and not self.unit_ids and self.owner is None
