"""Who asks: an account with the posts its person holds on the day, or a part of the system."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from guantong.orgs.api import Tier

# How a post is held: by appointment, for the time being, or for somebody who handed it over.
PostKind = Literal["held", "acting", "delegated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostHeld:
    """One post of an actor; ``line`` is None in the area unit of a division."""

    unit_id: UUID
    unit_code: str
    line: str | None
    tier: Tier
    division_code: str
    post_code: str
    kind: PostKind = "held"
    # Whose post it is, when it is held by delegation.
    for_person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. The posts are those of the day the actor was read for."""

    account: str
    person_id: UUID | None
    name: str
    posts: tuple[PostHeld, ...] = ()
    # The part of the system that acts by itself (``worker``), None for a person.
    system: str | None = None

    @property
    def unit_ids(self) -> tuple[UUID, ...]:
        """The units in which this actor holds a post."""
        return tuple(dict.fromkeys(post.unit_id for post in self.posts))

    @property
    def stands_for(self) -> frozenset[UUID]:
        """The persons this actor acts as: oneself, and whoever handed over a post."""
        ids = {self.person_id, *(post.for_person_id for post in self.posts)}
        return frozenset(id for id in ids if id is not None)


NOBODY = Actor(account="", person_id=None, name="")


def system_actor(part: str) -> Actor:
    """Return a part of the system as an actor; it does nothing that needs a person."""
    return Actor(account=f"system:{part}", person_id=None, name=part, system=part)
