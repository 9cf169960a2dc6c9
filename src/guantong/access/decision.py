"""The rules. Deny by default: what no rule below allows is refused, with the reason.

* Whoever holds no post is refused.
* An area unit (块) and the lead lines of a thing read everything of their area.
* Another line reads cases, alerts, figures and streams of its area, and of tasks and exports
  its own line's; objects only when the package lists the line as a reader.
* Who holds a thing, or takes part in it, reads it wherever it lies.
* Personal fields (class L3) are masked, but for area units and reader lines of that very
  village, township or county.
* To handle, verify and approve, the unit must hold the thing; to verify and approve, the
  person must be none of those who found or did it (promise P2).

Pure: no store, no clock. A realm changes no rule; it is passed through to the record.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from guantong.access.actor import Actor, PostHeld
from guantong.access.errors import Refused
from guantong.access.rows import Rows
from guantong.access.thing import KINDS, Thing
from guantong.base.words import say
from guantong.orgs.api import covers, is_code, prefix

L3 = "L3"
NO_ROWS = Rows()
OPEN_TO_POSTS = frozenset({"package", "dataset", "run"})
OPEN_TO_LINES = frozenset({"case", "alert", "figure", "stream"})
OWN_LINE = frozenset({"task", "export"})
HELD = frozenset({"case", "alert", "task", "object", "file", "export"})
GUARDED = frozenset({"audit", "settings"})

HOLDER_ACTS = frozenset({"handle", "verify", "approve"})
SECOND_PERSON_ACTS = frozenset({"verify", "approve"})
COMMAND_ACTS = frozenset({"open", "dispatch", "remind", "supervise", "withdraw"})
# What only a person does: models and timers raise clues, people confirm (promise P3).
PERSON_ACTS = HOLDER_ACTS | {"administer"}

NEAR_TIERS = frozenset({"county", "township", "village"})

# The head of the province's emergency department administers an installation.
ADMINISTRATOR = ("emergency", "province", "head")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, with all that is needed to explain it and to record a refusal."""

    allowed: bool
    rows: Rows = NO_ROWS
    masks: frozenset[str] = frozenset({L3})
    reason: str
    actor: Actor
    act: str
    thing: Thing
    realm: str
    purpose: str | None = None
    # Places of the sentence; a value may be a mapping from language to word.
    facts: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        """Return why, and for a refusal who may and whom to ask."""
        places: dict[str, object] = {
            "kind": say(f"access.kind.{self.thing.kind}", language),
            "act": say(f"access.act.{self.act}", language),
            "ask": say("access.ask", language),
            "place": self.thing.division_code or say("access.place", language),
        }
        for key, value in self.facts.items():
            places[key] = value[language] if isinstance(value, Mapping) else value
        return say(f"access.{self.reason}", language, **places)

    def or_refuse(self) -> "Decision":
        """Return this decision when it allows; raise ``Refused`` when it does not."""
        if not self.allowed:
            raise Refused(self)
        return self


def decide(
    actor: Actor, act: str, thing: Thing, *, realm: str, purpose: str | None = None
) -> Decision:
    """Return whether ``actor`` may do ``act`` to ``thing``, with rows and masks to apply."""
    refused = Decision(
        allowed=False,
        reason="refused.no-rule",
        actor=actor,
        act=act,
        thing=thing,
        realm=realm,
        purpose=purpose,
    )
    if thing.kind not in KINDS:
        return refused
    if thing.division_code is not None and not is_code(thing.division_code):
        # A place nobody knows belongs to nobody's area.
        return replace(refused, reason="refused.unknown-place")
    if actor.system is not None:
        return _system(refused)
    if not actor.posts:
        return replace(refused, reason="refused.no-post")
    if act == "read":
        return _guarded(refused) if thing.kind in GUARDED else _read(refused)
    if act in HOLDER_ACTS:
        return _hold(refused)
    if act in COMMAND_ACTS and thing.kind in OPEN_TO_LINES | OWN_LINE:
        return _command(refused)
    if act == "report" and thing.kind == "object":
        return _report(refused)
    if act == "land" and thing.kind == "dataset":
        return _land(refused)
    if act == "administer":
        return _guarded(refused)
    return refused


def _allow(asked: Decision, reason: str, rows: Rows, *, clear: bool = False) -> Decision:
    masks = frozenset() if clear else frozenset({L3})
    return replace(asked, allowed=True, reason=reason, rows=rows, masks=masks)


def _system(asked: Decision) -> Decision:
    if asked.act in PERSON_ACTS:
        return replace(asked, reason="refused.needs-person")
    return _allow(asked, "allowed.system", Rows(everything=True), clear=True)


def _whole(post: PostHeld, thing: Thing) -> bool:
    """Say whether this post sees everything of the kind in its area."""
    reads = thing.kind == "object" and post.line in thing.readers
    return post.line is None or post.line in thing.lines or reads


def _near(post: PostHeld, thing: Thing) -> bool:
    """Say whether this post reads personal fields in its area."""
    return post.tier in NEAR_TIERS and (post.line is None or post.line in thing.readers)


def _read(asked: Decision) -> Decision:
    actor, thing = asked.actor, asked.thing
    if thing.kind in OPEN_TO_POSTS:
        return _allow(asked, "allowed.post", Rows(everything=True))
    prefixes = {
        prefix(post.division_code)
        for post in actor.posts
        if _whole(post, thing) or thing.kind in OPEN_TO_LINES
    }
    lines = {
        (prefix(post.division_code), post.line)
        for post in actor.posts
        if thing.kind in OWN_LINE and post.line is not None and not _whole(post, thing)
    }
    rows = Rows(
        prefixes=tuple(sorted(prefixes)),
        lines=tuple(sorted(lines)),
        unit_ids=actor.unit_ids if thing.kind in HELD else (),
    )
    if thing.is_list:
        # One mask holds for the whole list, so the least of the posts decides.
        clear = all(_near(post, thing) for post in actor.posts)
        if rows.nothing:
            return replace(asked, reason="refused.not-your-line")
        return _allow(asked, "allowed.rows", rows, clear=clear)
    if not rows.covers(thing.division_code, thing.unit_ids, thing.lines):
        return replace(asked, reason=_outside(asked))
    clear = any(
        _near(post, thing) and covers(post.division_code, thing.division_code)
        for post in actor.posts
    )
    return _allow(asked, "allowed.area", rows, clear=clear)


def _outside(asked: Decision) -> str:
    """Tell a place outside the area from a kind that is not this line's business."""
    place = asked.thing.division_code
    inside = any(covers(post.division_code, place) for post in asked.actor.posts)
    return "refused.not-your-line" if inside else "refused.outside-area"


def _hold(asked: Decision) -> Decision:
    actor, thing = asked.actor, asked.thing
    holders = [post for post in actor.posts if post.unit_id in thing.unit_ids]
    if not holders:
        return replace(asked, reason="refused.not-holder")
    if thing.posts and not any(post.post_code in thing.posts for post in holders):
        posts = {
            language: say("access.and", language).join(
                say(f"orgs.post.{code}", language) for code in thing.posts
            )
            for language in ("zh-CN", "en")
        }
        return replace(asked, reason="refused.wrong-post", facts={"posts": posts})
    if asked.act in SECOND_PERSON_ACTS and (
        actor.person_id is None or actor.person_id in thing.doers
    ):
        return replace(asked, reason="refused.same-person")
    return _allow(asked, "allowed.holder", Rows(unit_ids=actor.unit_ids))


def _command(asked: Decision) -> Decision:
    thing = asked.thing
    areas = [post for post in asked.actor.posts if _whole(post, thing)]
    if any(covers(post.division_code, thing.division_code) for post in areas):
        rows = Rows(prefixes=tuple(sorted({prefix(post.division_code) for post in areas})))
        return _allow(asked, "allowed.area", rows)
    return replace(asked, reason=_outside(asked))


def _report(asked: Decision) -> Decision:
    """Report on an object (a household is safe): whoever is near it, or holds its task."""
    actor, thing = asked.actor, asked.thing
    near = any(
        _near(post, thing) and covers(post.division_code, thing.division_code)
        for post in actor.posts
    )
    if near or not set(actor.unit_ids).isdisjoint(thing.unit_ids):
        return _allow(asked, "allowed.area", Rows(unit_ids=actor.unit_ids), clear=near)
    return replace(asked, reason=_outside(asked))


def _land(asked: Decision) -> Decision:
    """Land a batch: only the source unit itself, not its line above, below or next door."""
    thing = asked.thing
    for post in asked.actor.posts:
        if (
            thing.division_code is not None
            and post.line is not None
            and post.line in thing.lines
            and post.division_code == thing.division_code
        ):
            return _allow(asked, "allowed.source", Rows(prefixes=(prefix(post.division_code),)))
    return replace(asked, reason="refused.not-source")


def _guarded(asked: Decision) -> Decision:
    if any((p.line, p.tier, p.post_code) == ADMINISTRATOR for p in asked.actor.posts):
        return _allow(asked, "allowed.administrator", Rows(everything=True))
    return replace(asked, reason="refused.not-administrator")
