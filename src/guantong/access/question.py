"""The question that the rules answer, and how each of them says yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass

from guantong.access.actor import Actor, PostHeld
from guantong.access.decision import Decision
from guantong.access.fields import PERSONAL
from guantong.access.roles import PackageRole
from guantong.access.rows import Rows
from guantong.access.thing import Thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May ``actor`` do ``act`` to ``thing`` in ``realm``, for that purpose?"""

    actor: Actor
    act: str
    thing: Thing
    realm: str
    purpose: str | None = None
    # The roles of the package the thing belongs to.
    roles: tuple[PackageRole, ...] = ()
    # The classes of fields that a second person has opened to this actor, on this thing and for
    # this purpose, until a time that has not come yet.
    opened: frozenset[str] = frozenset()

    def role(self, post: PostHeld, act: str | None = None) -> PackageRole | None:
        """Return the role by which this post may do the act to the thing."""
        for role in self.roles:
            if role.held(post) and role.grant(act or self.act, self.thing) is not None:
                return role
        return None

    def refuse(self, reason: str, facts: Mapping[str, object] | None = None) -> Decision:
        """Return the refusal for that reason."""
        return Decision(
            allowed=False,
            reason=f"refused.{reason}",
            actor=self.actor,
            act=self.act,
            thing=self.thing,
            realm=self.realm,
            purpose=self.purpose,
            facts=facts or {},
        )

    def allow(
        self,
        reason: str,
        rows: Rows,
        *,
        clear: frozenset[str] = frozenset(),
        post: PostHeld | None = None,
        role: PackageRole | None = None,
    ) -> Decision:
        """Return the permission for that reason; ``clear`` are the classes of fields shown."""
        return Decision(
            allowed=True,
            reason=f"allowed.{reason}",
            rows=rows,
            masks=PERSONAL - clear - self.opened,
            actor=self.actor,
            act=self.act,
            thing=self.thing,
            realm=self.realm,
            purpose=self.purpose,
            post=post,
            role=role,
        )
