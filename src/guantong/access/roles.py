"""Roles that application packages declare: which posts may do what with the package's things.

A role names posts by line and tier (``civil_affairs@county``), some post codes or any, and what
they may do: an act on a kind of thing, for objects perhaps only some types, and which classes of
fields they see in the clear. A role opens what the common rules leave closed, in the area of
the post and nowhere else; it never takes anything away, and never reaches class L4.

In memory, brought by every process as it starts: what a package declares is in its files.
"""

from dataclasses import dataclass

from guantong.access.actor import PostHeld
from guantong.access.thing import Thing
from guantong.orgs.api import AREA, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One thing a role allows. Without ``types`` every type of the package is meant."""

    act: str
    kind: str
    types: frozenset[str] = frozenset()
    # Classes of fields this role sees in the clear, within the area of the post.
    clear: frozenset[str] = frozenset()

    def means(self, act: str, thing: Thing) -> bool:
        """Say whether this is about that act on that thing; an export is a list of objects."""
        kinds = (self.kind, "export") if self.kind == "object" and thing.type else (self.kind,)
        return (
            self.act == act and thing.kind in kinds and (not self.types or thing.type in self.types)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRole:
    """A role of a package. ``title`` is a key of the package's words."""

    id: str
    package: str
    title: str
    held_by: tuple[Role, ...]
    grants: tuple[Grant, ...]
    # Post codes that hold it; any post of the unit when empty.
    posts: tuple[str, ...] = ()

    def held(self, post: PostHeld) -> bool:
        """Say whether whoever is in this post holds the role."""
        if self.posts and post.post_code not in self.posts:
            return False
        return any((post.line or AREA, post.tier) == (by.line, by.tier) for by in self.held_by)

    def grant(self, act: str, thing: Thing) -> Grant | None:
        """Return what this role says about an act on a thing."""
        return next((grant for grant in self.grants if grant.means(act, thing)), None)


_roles: dict[str, tuple[PackageRole, ...]] = {}


def register_roles(package: str, roles: tuple[PackageRole, ...]) -> None:
    """Make the roles of a package known to this process; declared again, the newer hold."""
    _roles[package] = roles


def roles_of(package: str | None) -> tuple[PackageRole, ...]:
    """Return the roles a package declares."""
    return () if package is None else _roles.get(package, ())


def all_roles() -> tuple[PackageRole, ...]:
    """Return the roles of every package this process knows."""
    return tuple(role for roles in _roles.values() for role in roles)
