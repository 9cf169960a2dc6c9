"""The rules, in the order in which they are asked. Deny by default: the last one refuses.

A rule answers, or has nothing to say and leaves the question to the next. ``RULES`` is the whole
of it: ``decide`` takes the first answer, and ``explain`` (in ``guantong.access.explain``) walks the
same tuple and says what each rule had to say, so that an explanation cannot tell another story
than the decision.

* Whoever holds no post is refused.
* An area unit (块) and the lead lines of a thing read everything of their area.
* Another line reads cases, alerts, figures and streams of its area, and of tasks and exports
  its own line's; objects only when a role of the package says so (``roles``).
* Who holds a thing, or takes part in it, reads it wherever it lies.
* Personal fields (class L3) are masked, but for area units of that very village, township or
  county, and posts there to which a role of the package shows them; and for them only with a
  reason: the own unit has a task about it, or a declared purpose is given.
* Sealed fields (class L4) are masked but where a second person opened them (``approval``).
* To handle, verify and approve, the unit must hold the thing; to verify and approve, the
  person must be none of those who found or did it (promise P2), nor act for one of them.

Pure: no store, no clock. A realm changes no rule; it is passed through to the record.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from guantong.access.actor import Actor, PostHeld
from guantong.access.decision import Decision
from guantong.access.fields import L3, PURPOSES
from guantong.access.organisation import (
    NEAR_TIERS,
    administer_package,
    administer_unit,
    administers_platform,
    belongs,
    read_unit,
    send_notice,
)
from guantong.access.question import Question
from guantong.access.roles import PackageRole
from guantong.access.rows import Rows
from guantong.access.thing import KINDS, Thing
from guantong.base.words import say
from guantong.orgs.api import AREA, STRANGER_FOR, Role, covers, is_code, line_name, prefix

OPEN_TO_POSTS = frozenset({"package", "dataset", "run"})
OPEN_TO_LINES = frozenset({"case", "alert", "figure", "stream"})
OWN_LINE = frozenset({"task", "export"})
HELD = frozenset({"case", "alert", "task", "object", "file", "export", "look"})
GUARDED = frozenset({"audit", "settings", "fact"})

HOLDER_ACTS = frozenset({"handle", "verify", "approve"})
SECOND_PERSON_ACTS = frozenset({"verify", "approve"})
COMMAND_ACTS = frozenset({"open", "dispatch", "remind", "supervise", "withdraw"})
# What only a person does: models and timers raise clues, people confirm (promise P3).
PERSON_ACTS = HOLDER_ACTS | {"administer", "send"}

NOTHING: frozenset[str] = frozenset()
PERSONAL_NAMES = frozenset({L3})

Rule = Callable[[Question], Decision | None]


def known_kind(question: Question) -> Decision | None:
    """Refuse what is no kind of thing at all."""
    return None if question.thing.kind in KINDS else question.refuse("no-rule")


def known_place(question: Question) -> Decision | None:
    """Refuse a place nobody knows: it belongs to nobody's area."""
    place = question.thing.division_code
    return None if place is None or is_code(place) else question.refuse("unknown-place")


def part_of_the_system(question: Question) -> Decision | None:
    """Let a part of the system read everything, and take no step that is a person's."""
    if question.actor.system is None:
        return None
    if question.act in PERSON_ACTS:
        return question.refuse("needs-person")
    return question.allow("system", Rows(everything=True), clear=PERSONAL_NAMES)


def in_a_post(question: Question) -> Decision | None:
    """Refuse whoever holds no post on the day."""
    return None if question.actor.posts else question.refuse("no-post")


def guarded(question: Question) -> Decision | None:
    """Keep the log, the settings and facts laid aside to whoever administers the platform."""
    if question.thing.kind not in GUARDED or question.act not in ("read", "administer"):
        return None
    post = administers_platform(question)
    if post is None:
        return question.refuse("not-administrator")
    return question.allow("administrator", Rows(everything=True), post=post)


def open_to_posts(question: Question) -> Decision | None:
    """Let everybody in a post read applications, the catalogue and exercises."""
    if question.act != "read" or question.thing.kind not in OPEN_TO_POSTS:
        return None
    return question.allow("post", Rows(everything=True), post=question.actor.posts[0])


def reach(post: PostHeld, question: Question, act: str = "read") -> str | None:
    """Return how a post reaches everything of the kind in its area: area, lead, role; or None."""
    if post.line is None:
        return "area"
    if post.line in question.thing.lines:
        return "lead"
    return "role" if question.role(post, act) is not None else None


def near(post: PostHeld, question: Question) -> bool:
    """Say whether a post is near enough to the people of its area to know their names."""
    if post.tier not in NEAR_TIERS:
        return False
    role = question.role(post, "read")
    grant = role.grant("read", question.thing) if role is not None else None
    return post.line is None or (grant is not None and L3 in grant.clear)


def has_purpose(question: Question) -> bool:
    """Say whether there is a reason to see names: the own unit's task, or a declared purpose."""
    own = not set(question.actor.unit_ids).isdisjoint(question.thing.unit_ids)
    return own or question.purpose in PURPOSES


def read(question: Question) -> Decision | None:
    """Answer who reads: by area, by line, by role of a package, by holding it."""
    actor, thing = question.actor, question.thing
    if question.act != "read" or thing.kind not in OPEN_TO_LINES | OWN_LINE | HELD:
        return None
    whole = {post for post in actor.posts if reach(post, question) is not None}
    rows = Rows(
        prefixes=tuple(
            sorted(
                {
                    prefix(post.division_code)
                    for post in actor.posts
                    if post in whole or thing.kind in OPEN_TO_LINES
                }
            )
        ),
        lines=tuple(
            sorted(
                {
                    (prefix(post.division_code), post.line)
                    for post in actor.posts
                    if thing.kind in OWN_LINE and post.line is not None and post not in whole
                }
            )
        ),
        unit_ids=actor.unit_ids if thing.kind in HELD else (),
    )
    if thing.is_list:
        if rows.nothing:
            return question.refuse("not-your-line")
        # One mask holds for the whole list, so the least of the posts decides.
        clear = has_purpose(question) and all(near(post, question) for post in actor.posts)
        return question.allow("rows", rows, clear=PERSONAL_NAMES if clear else NOTHING)
    if not rows.covers(thing.division_code, thing.unit_ids, thing.lines):
        return question.refuse(_outside(question))
    by = _by(question, whole)
    knows = any(
        near(post, question) and covers(post.division_code, thing.division_code)
        for post in actor.posts
    )
    clear_classes = PERSONAL_NAMES if knows and has_purpose(question) else NOTHING
    return question.allow(
        "area", rows, clear=clear_classes, post=by, role=question.role(by, "read")
    )


def _by(question: Question, whole: Collection[PostHeld]) -> PostHeld:
    """Return the post that opens the way: one that reaches all there, else one that takes part."""
    thing, posts = question.thing, question.actor.posts
    there = [post for post in posts if covers(post.division_code, thing.division_code)]
    part = [post for post in posts if post.unit_id in thing.unit_ids]
    return next(iter([*(p for p in there if p in whole), *part, *there]), posts[0])


def _outside(question: Question) -> str:
    """Tell a place outside the area from a kind that is not this line's business."""
    place = question.thing.division_code
    inside = any(covers(post.division_code, place) for post in question.actor.posts)
    return "not-your-line" if inside else "outside-area"


def hold(question: Question) -> Decision | None:
    """Answer who handles, verifies and approves: the unit that holds it, and a second person."""
    actor, thing, act = question.actor, question.thing, question.act
    if act not in HOLDER_ACTS:
        return None
    holders = [post for post in actor.posts if post.unit_id in thing.unit_ids]
    if not holders:
        return question.refuse("not-holder")
    if thing.posts:
        holders = [post for post in holders if post.post_code in thing.posts]
        if not holders:
            return question.refuse("wrong-post", {"posts": _post_words(thing.posts)})
    if act in SECOND_PERSON_ACTS:
        holders = [post for post in holders if _is_second(actor, post, thing)]
        if not holders:
            return question.refuse("same-person")
        holders = [post for post in holders if _is_unbound(actor, post, thing)]
        if not holders:
            return question.refuse("appointed-lately", {"days": STRANGER_FOR.days})
    return question.allow("holder", Rows(unit_ids=actor.unit_ids), post=holders[0])


def take_back(question: Question) -> Decision | None:
    """Answer who takes back what was approved: the heads of the units that may answer."""
    actor, thing = question.actor, question.thing
    if question.act != "withdraw" or thing.kind != "look":
        return None
    for post in actor.posts:
        if post.unit_id in thing.unit_ids and post.post_code in thing.posts:
            return question.allow("holder", Rows(unit_ids=actor.unit_ids), post=post)
    return question.refuse("not-holder")


def _is_second(actor: Actor, post: PostHeld, thing: Thing) -> bool:
    """Say whether neither this person nor the one the post is held for took part before."""
    persons = {actor.person_id, post.for_person_id} - {None}
    return actor.person_id is not None and persons.isdisjoint(thing.doers)


def _is_unbound(actor: Actor, post: PostHeld, thing: Thing) -> bool:
    """Say whether no fresh appointment ties this person, or whom the post is held for, to it."""
    return {actor.person_id, post.for_person_id}.isdisjoint(thing.bound)


def _post_words(codes: tuple[str, ...]) -> dict[str, str]:
    return {
        language: say("access.and", language).join(
            say(f"orgs.post.{code}", language) for code in codes
        )
        for language in ("zh-CN", "en")
    }


def command(question: Question) -> Decision | None:
    """Answer who opens, dispatches, reminds, supervises, withdraws."""
    thing = question.thing
    if question.act not in COMMAND_ACTS or thing.kind not in OPEN_TO_LINES | OWN_LINE:
        return None
    if question.act == "open" and thing.openers:
        return _open(question)
    areas = [post for post in question.actor.posts if reach(post, question, question.act)]
    for post in areas:
        if covers(post.division_code, thing.division_code):
            rows = Rows(prefixes=tuple(sorted({prefix(p.division_code) for p in areas})))
            return question.allow("area", rows, post=post)
    return question.refuse(_outside(question))


def _open(question: Question) -> Decision:
    """Answer who opens a case of a process that says so itself: these roles, in their area."""
    place = question.thing.division_code
    named = [
        post
        for post in question.actor.posts
        if Role(post.line or AREA, post.tier) in question.thing.openers
    ]
    for post in named:
        if place is None or covers(post.division_code, place):
            rows = Rows(prefixes=tuple(sorted({prefix(p.division_code) for p in named})))
            return question.allow("opener", rows, post=post)
    if named:
        return question.refuse("outside-area")
    return question.refuse("not-opener", {"openers": _role_words(question.thing.openers)})


def _role_words(roles: tuple[Role, ...]) -> dict[str, str]:
    return {
        language: say("access.and", language).join(
            f"{line_name(role.line, language)} · {say(f'orgs.tier.{role.tier}', language)}"
            for role in roles
        )
        for language in ("zh-CN", "en")
    }


def report(question: Question) -> Decision | None:
    """Answer who reports on an object (a household is safe): who is near it, or holds its task."""
    actor, thing = question.actor, question.thing
    if question.act != "report" or thing.kind != "object":
        return None
    for post in actor.posts:
        role = question.role(post)
        at_home = post.line is None and post.tier in NEAR_TIERS
        if (at_home or role is not None) and covers(post.division_code, thing.division_code):
            return question.allow("area", Rows(unit_ids=actor.unit_ids), post=post, role=role)
    for post in actor.posts:
        if post.unit_id in thing.unit_ids:
            return question.allow("area", Rows(unit_ids=actor.unit_ids), post=post)
    return question.refuse(_outside(question))


def land(question: Question) -> Decision | None:
    """Answer who lands a batch: the source unit itself, not its line above, below, next door."""
    thing = question.thing
    if question.act != "land" or thing.kind != "dataset":
        return None
    for post in question.actor.posts:
        if (
            thing.division_code is not None
            and post.line is not None
            and post.line in thing.lines
            and post.division_code == thing.division_code
        ):
            return question.allow("source", Rows(prefixes=(prefix(post.division_code),)), post=post)
    return question.refuse("not-source")


def nothing_allows_it(question: Question) -> Decision | None:
    """Refuse what no rule allows."""
    return question.refuse("no-rule")


RULES: tuple[Rule, ...] = (
    known_kind, known_place, belongs, part_of_the_system, in_a_post, guarded, open_to_posts,
    read_unit, administer_unit, administer_package, send_notice, read, hold, take_back, command,
    report, land, nothing_allows_it,
)  # fmt: skip


def judge(question: Question, rules: tuple[Rule, ...] = RULES) -> Decision:
    """Return the answer of the first rule that has one."""
    for rule in rules:
        answer = rule(question)
        if answer is not None:
            return replace(answer, rule=rule.__name__)
    # Not reached while the last rule stands in its place; denial all the same.
    return question.refuse("no-rule")


def decide(
    actor: Actor,
    act: str,
    thing: Thing,
    *,
    realm: str,
    purpose: str | None = None,
    roles: tuple[PackageRole, ...] = (),
    opened: frozenset[str] = frozenset(),
) -> Decision:
    """Return whether ``actor`` may do ``act`` to ``thing``, with rows and masks to apply."""
    return judge(
        Question(
            actor=actor, act=act, thing=thing, realm=realm, purpose=purpose, roles=roles,
            opened=opened,
        )
    )  # fmt: skip
