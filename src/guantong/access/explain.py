"""Why somebody may or may not: every rule in its order, and what each post gives by itself.

An explanation walks the tuple of rules that the decision walks, so the two cannot differ. Who else
may is found by asking the same question for every post of the units that could be concerned.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from guantong.access.actor import Actor, PostHeld
from guantong.access.decision import Decision
from guantong.access.fields import CLASSES
from guantong.access.question import Question
from guantong.access.rules import (
    GUARDED,
    OPEN_TO_POSTS,
    RULES,
    Rule,
    in_a_post,
    judge,
    known_kind,
    known_place,
)
from guantong.access.thing import Thing
from guantong.orgs import api as orgs

# Rules that only refuse: one that has nothing to say is met.
PRECONDITIONS: tuple[Rule, ...] = (known_kind, known_place, in_a_post)

# The shape of a question that everybody in a post answers alike: no list of units helps there.
EVERYBODY = OPEN_TO_POSTS
ONLY_ADMINISTRATOR = GUARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule: ``met`` or ``silent`` let it go on, ``allowed`` or ``refused`` settled it."""

    rule: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAlone:
    """What one post of the actor would give without the others."""

    post: PostHeld
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with its way: rules in order, posts one by one, classes of fields shown."""

    decision: Decision
    steps: tuple[Step, ...]
    posts: tuple[PostAlone, ...]

    @property
    def clear(self) -> tuple[str, ...]:
        """The classes of fields this actor would see; none where the answer is no."""
        if not self.decision.allowed:
            return ()
        return tuple(name for name in CLASSES if name not in self.decision.masks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitled:
    """Posts of one unit that may do it, and how many persons hold them today."""

    unit: orgs.UnitRef
    posts: tuple[str, ...]
    people: int
    clear: tuple[str, ...]


def explain(question: Question, rules: tuple[Rule, ...] = RULES) -> Explanation:
    """Return the decision on a question with every rule that was asked for it."""
    steps: list[Step] = []
    for rule in rules:
        found = rule(question)
        if found is None:
            outcome = "met" if rule in PRECONDITIONS else "silent"
            steps.append(Step(rule=rule.__name__, outcome=outcome))
            continue
        outcome = "allowed" if found.allowed else "refused"
        steps.append(Step(rule=rule.__name__, outcome=outcome))
        break
    alone = tuple(
        PostAlone(
            post=post,
            decision=judge(replace(question, actor=replace(question.actor, posts=(post,))), rules),
        )
        for post in question.actor.posts
    )
    return Explanation(decision=judge(question, rules), steps=tuple(steps), posts=alone)


def units_concerned(thing: Thing, *, on: date) -> list[orgs.UnitRef]:
    """Return the units that any rule could let in: at the place, above it, and those that hold it.

    Of every tier from the place up, the area unit and every line's unit; nobody beside or below
    is ever let in but by holding the thing.
    """
    found: dict[UUID, orgs.UnitRef] = {}
    held = orgs.jurisdictions(on)
    codes = [
        code
        for tier in orgs.TIERS
        if thing.division_code and (code := orgs.lift(thing.division_code, tier)) is not None
    ]
    for code in reversed(codes):
        for line in (orgs.AREA, *orgs.lines()):
            unit = held.holder(line, code, on=on)
            if unit is not None:
                found.setdefault(unit.id, unit)
    for id, unit in orgs.units_by_id(thing.unit_ids).items():
        found.setdefault(id, unit)
    return list(found.values())


def who_may(question: Question, units: Iterable[orgs.UnitRef], *, on: date) -> list[Entitled]:
    """Return the units of these in which a post may do what is asked, with how many people."""
    entitled: list[Entitled] = []
    known = list(units)
    people = orgs.duty_people([unit.id for unit in known], on=on)
    actors = {id for ids in people.values() for id in ids}
    posts = orgs.posts_of_people(actors, on=on)
    for unit in known:
        allowed: dict[str, set[UUID]] = {}
        clear: frozenset[str] = frozenset(CLASSES)
        for person in dict.fromkeys(people[unit.id]):
            for held in posts[person]:
                if held.unit.id != unit.id:
                    continue
                answer = judge(replace(question, actor=_one(person, held), opened=frozenset()))
                if answer.allowed:
                    allowed.setdefault(held.post_code, set()).add(person)
                    clear &= frozenset(CLASSES) - answer.masks
        if allowed:
            persons = {id for ids in allowed.values() for id in ids}
            entitled.append(
                Entitled(
                    unit=unit,
                    posts=tuple(sorted(allowed)),
                    people=len(persons),
                    clear=tuple(name for name in CLASSES if name in clear),
                )
            )
    return entitled


def _one(person: UUID, held: orgs.HeldPost) -> Actor:
    return Actor(account="", person_id=person, name="", posts=(post_of(held),))


def post_of(held: orgs.HeldPost) -> PostHeld:
    """Return a post of the organisation as the rules look at it."""
    return PostHeld(
        unit_id=held.unit.id,
        unit_code=held.unit.code,
        line=held.unit.line,
        tier=held.unit.tier,
        division_code=held.unit.division_code,
        post_code=held.post_code,
        kind=held.kind,
        for_person_id=held.for_person_id,
    )
