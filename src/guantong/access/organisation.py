"""The rules about units, people, accounts and notices: who there is, and what belongs to whom.

* Whoever holds a post reads the organisation book of the own area and of the divisions above.
* A unit is administered by its head and its administrator; by those of the government of an
  area it lies in; and by whoever administers the platform.
* An account is its person's own, and of whoever administers a unit of that person.
* A parameter of an application is set, for an area, by the head and the administrator of the unit
  that answers for the lead line there; applications are installed by the platform's administrator.
* A notice is for its recipient, and for whoever stands in for that person. To send one, a post
  must cover the place it goes to.
"""

from guantong.access.actor import PostHeld
from guantong.access.decision import Decision
from guantong.access.fields import L3, PERSONAL
from guantong.access.question import Question
from guantong.access.rows import Rows
from guantong.orgs.api import AREA, TIERS, covers, lift, prefix

# Posts that administer their unit.
UNIT_POSTS = frozenset({"head", "administrator"})
NEAR_TIERS = frozenset({"county", "township", "village"})

# The head of the province's emergency department itself administers an installation, and not the
# head of an office that was opened below it.
ADMINISTRATOR_LINE, ADMINISTRATOR_TIER, ADMINISTRATOR_POST = "emergency", "province", "head"

NOTHING: frozenset[str] = frozenset()


def administers_platform(question: Question) -> PostHeld | None:
    """Return the post by which the actor administers the platform."""
    return next((post for post in question.actor.posts if _of_platform(post)), None)


def _of_platform(post: PostHeld) -> bool:
    return post.post_code == ADMINISTRATOR_POST and is_platform_unit(
        post.unit_code, post.line, post.tier, post.division_code
    )


def is_platform_unit(code: str, line: str | None, tier: str, division_code: str) -> bool:
    """Say whether a unit is the bureau whose head administers the platform."""
    # Its code tells it from an office that was opened below it, of its line and in its place.
    own = f"{ADMINISTRATOR_LINE}@{prefix(division_code)}"
    return (line, tier, code) == (ADMINISTRATOR_LINE, ADMINISTRATOR_TIER, own)


def administering_post(question: Question) -> PostHeld | None:
    """Return the post by which the actor administers the unit (or the place) asked about."""
    thing = question.thing
    platform = administers_platform(question)
    if platform is not None:
        return platform
    for post in question.actor.posts:
        if post.post_code not in UNIT_POSTS:
            continue
        if post.unit_id in thing.unit_ids:
            return post
        if _governs(post) and covers(post.division_code, thing.division_code):
            return post
    return None


def _governs(post: PostHeld) -> bool:
    """Say whether a post is of the government of an area itself, and not of an office below it."""
    return post.line is None and post.unit_code == f"{AREA}@{prefix(post.division_code)}"


def administered_rows(question: Question) -> Rows:
    """Return the units that the actor administers, as rows of a list of units or people."""
    if administers_platform(question) is not None:
        return Rows(everything=True)
    posts = [post for post in question.actor.posts if post.post_code in UNIT_POSTS]
    return Rows(
        prefixes=tuple(sorted({prefix(p.division_code) for p in posts if _governs(p)})),
        unit_ids=tuple(dict.fromkeys(p.unit_id for p in posts)),
    )


def belongs(question: Question) -> Decision | None:
    """Allow what is one's own: the own account, a notice to oneself, one's own entry and file."""
    actor, thing, act = question.actor, question.thing, question.act
    if thing.owner is None or actor.system is not None:
        return None
    if thing.kind == "notice" and act in ("read", "handle"):
        if thing.owner in actor.stands_for:
            return question.allow("own", Rows(), clear=PERSONAL)
        return question.refuse("not-recipient")
    if actor.person_id != thing.owner:
        return None
    if (thing.kind == "account" and act in ("read", "administer")) or (
        (thing.kind in ("unit", "file") and act == "read")
        or (thing.kind == "look" and act in ("read", "withdraw"))
    ):
        return question.allow("own", Rows(), clear=PERSONAL)
    return None


def read_unit(question: Question) -> Decision | None:
    """Answer who reads the organisation book."""
    actor, thing = question.actor, question.thing
    if thing.kind != "unit" or question.act != "read":
        return None
    if administers_platform(question) is not None:
        return question.allow(
            "administrator", Rows(everything=True), clear=frozenset({L3}),
            post=administers_platform(question),
        )  # fmt: skip
    own = {post.division_code for post in actor.posts}
    above = {code for o in own for tier in TIERS if (code := lift(o, tier)) is not None}
    rows = Rows(
        prefixes=tuple(sorted({prefix(code) for code in own})),
        unit_ids=actor.unit_ids,
        divisions=tuple(sorted(above)),
    )
    if thing.is_list:
        return question.allow("rows", rows)
    if not rows.covers(thing.division_code, thing.unit_ids):
        return question.refuse("outside-area")
    near = administering_post(question) or next(
        (post for post in actor.posts if _knows_people(post, question)), None
    )
    clear = NOTHING if near is None else frozenset({L3})
    return question.allow("book", rows, clear=clear, post=near or actor.posts[0])


def _knows_people(post: PostHeld, question: Question) -> bool:
    """Say whether this post reads how to reach the people of the unit: its own, or near it."""
    thing = question.thing
    near = post.tier in NEAR_TIERS and post.line is None
    return post.unit_id in thing.unit_ids or (
        near and covers(post.division_code, thing.division_code)
    )


def administer_unit(question: Question) -> Decision | None:
    """Answer who administers a unit, and the accounts of its people."""
    thing, act = question.thing, question.act
    if thing.kind not in ("unit", "account") or act not in ("read", "administer"):
        return None
    rows = administered_rows(question)
    if thing.is_list:
        if rows.nothing:
            return question.refuse("not-unit-administrator")
        return question.allow("unit-administrator", rows)
    post = administering_post(question)
    if post is None:
        return question.refuse("not-unit-administrator")
    return question.allow("unit-administrator", rows, clear=frozenset({L3}), post=post)


def administer_package(question: Question) -> Decision | None:
    """Answer who installs applications, and who sets their parameters for an area."""
    thing = question.thing
    if thing.kind != "package" or question.act != "administer":
        return None
    if thing.is_list:
        post = administers_platform(question)
        if post is None:
            return question.refuse("not-administrator")
        return question.allow("administrator", Rows(everything=True), post=post)
    for post in question.actor.posts:
        if post.unit_id in thing.unit_ids and post.post_code in UNIT_POSTS:
            return question.allow("lead-unit", Rows(unit_ids=thing.unit_ids), post=post)
    return question.refuse("not-lead-unit")


def send_notice(question: Question) -> Decision | None:
    """Answer who sends a notice: a post whose area covers the place it goes to."""
    actor, thing = question.actor, question.thing
    if thing.kind != "notice" or question.act != "send":
        return None
    rows = Rows(
        prefixes=tuple(sorted({prefix(post.division_code) for post in actor.posts})),
        unit_ids=actor.unit_ids,
    )
    if thing.is_list:
        return question.allow("rows", rows)
    for post in actor.posts:
        own = bool(thing.unit_ids) and set(thing.unit_ids) <= {post.unit_id}
        if own or covers(post.division_code, thing.division_code):
            return question.allow("area", rows, post=post)
    return question.refuse("outside-area")
