"""Use cases of access: read an actor, decide and name whom to ask, record a refusal, accounts."""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction

from guantong.access.account import leave
from guantong.access.actor import NOBODY, Actor
from guantong.access.approval import opened
from guantong.access.decision import Decision
from guantong.access.errors import NotFounded
from guantong.access.explain import post_of
from guantong.access.fields import PURPOSES
from guantong.access.models import CITIZEN, User
from guantong.access.question import Question
from guantong.access.roles import roles_of
from guantong.access.rules import RULES, Rule, judge
from guantong.access.thing import Thing
from guantong.audit.api import Leaf, write
from guantong.base.clock import local_day, machine_now
from guantong.base.words import LANGUAGES, say
from guantong.orgs import api as orgs

_log = logging.getLogger(__name__)

# Known to everybody who reads this file: for a demonstration on one's own machine.
DEMO_PASSWORD = "guantong-demo-2026"  # noqa: S105 - a demonstration's, replaced by the environment

# username, unit, post, key of the title, language
_DEMO = (
    ("province", "emergency@33", "duty", "province_emergency_duty", "zh-CN"),
    ("admin", "emergency@33", "head", "province_emergency_head", "zh-CN"),
    ("forecaster", "meteorology@33", "duty", "province_forecaster", "zh-CN"),
    ("taizhou", "emergency@3310", "duty", "city_emergency_duty", "zh-CN"),
    ("wenling", "emergency@331081", "duty", "county_emergency_duty", "zh-CN"),
    ("wenling-second", "emergency@331081", "second_duty", "county_emergency_second", "zh-CN"),
    ("wenling-head", "area@331081", "head", "county_area_head", "zh-CN"),
    ("wenling-water", "water@331081", "duty", "county_water_duty", "zh-CN"),
    ("shitang", "area@331081105", "duty", "township_area_duty", "zh-CN"),
    ("village", "area@331081105229", "head", "village_head", "zh-CN"),
    ("cangnan", "emergency@330327", "duty", "cangnan_emergency_duty", "zh-CN"),
    ("qingyuan", "emergency@331126", "duty", "qingyuan_emergency_duty", "en"),
)
_DEMO_NAMES = [username for username, *_ in _DEMO]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """One account to try the platform with; no password when its owner has changed it."""

    username: str
    password: str | None
    name: str
    title_zh: str
    title_en: str
    language: str


def actor_for(user: object, on: date) -> Actor:
    """Return the actor behind an account on that day; somebody not signed in holds no post."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    if user.person_id is None:
        return Actor(account=user.username, person_id=None, name=user.username)
    if user.kind == CITIZEN:
        # A citizen holds no post, whoever else has that id.
        return Actor(account=user.username, person_id=user.person_id, name="")
    found = actors_for_people([user.person_id], on=on)[user.person_id]
    return replace(found, account=user.username)


def actors_for_people(person_ids: Iterable[UUID], *, on: date) -> dict[UUID, Actor]:
    """Return each person as an actor on that day, under the person's number; two queries."""
    ids = list(dict.fromkeys(person_ids))
    names = orgs.names_of_people(ids)
    posts = orgs.posts_of_people(ids, on=on)
    return {
        id: Actor(
            account=names.get(id, ("", ""))[0],
            person_id=id,
            name=names.get(id, ("", ""))[1],
            posts=tuple(post_of(held) for held in posts[id]),
        )
        for id in ids
    }


def question_of(
    actor: Actor, act: str, thing: Thing, *, realm: str, purpose: str | None = None
) -> Question:
    """Return the question with all that the store knows about it.

    Only a question for a declared purpose about one record asks the store whether a second person
    has opened sealed fields.
    """
    return Question(
        actor=actor, act=act, thing=thing, realm=realm, purpose=purpose,
        roles=roles_of(thing.package),
        opened=opened(actor, thing, purpose, at=machine_now()),
    )  # fmt: skip


def decide(
    actor: Actor,
    act: str,
    thing: Thing,
    *,
    realm: str,
    purpose: str | None = None,
    rules: tuple[Rule, ...] = RULES,
) -> Decision:
    """Return the one decision; a refusal names the place and the unit to ask.

    Failure is denial: whatever goes wrong while the rules are asked becomes a refusal that says
    so, is recorded like any other, and leaves its trace in the log of the process.
    """
    try:
        with _savepoint() if purpose in PURPOSES else nullcontext():
            question = question_of(actor, act, thing, realm=realm, purpose=purpose)
            answer = judge(question, rules)
    except Exception:  # noqa: BLE001 - the boundary: nobody gets in because something broke
        _log.exception("the rules of access failed on %s %s", act, thing.kind)
        return Question(actor=actor, act=act, thing=thing, realm=realm, purpose=purpose).refuse(
            "failure"
        )
    if answer.allowed:
        return answer
    return replace(answer, facts={**_names(answer), **answer.facts})


@contextmanager
def _savepoint() -> Iterator[None]:
    """Keep a transaction that is running usable when a look into the store fails."""
    if not connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        yield


def _names(refused: Decision) -> dict[str, object]:
    """Look up the words of a refusal; only a refusal pays for them."""
    thing, found = refused.thing, dict[str, object]()
    known = orgs.is_code(thing.division_code)
    place = orgs.division(thing.division_code) if known and thing.division_code else None
    if place is not None:
        found["place"] = {"zh-CN": place.name, "en": place.name_en}
    unit = _whom_to_ask(refused, place)
    if unit is not None:
        found["ask"] = {language: unit.name(language) for language in LANGUAGES}
    return found


def _whom_to_ask(refused: Decision, place: orgs.DivisionRef | None) -> orgs.UnitRef | None:
    thing, today = refused.thing, local_day(machine_now())
    if refused.reason == "refused.not-administrator":
        return orgs.unit_by_code("emergency@33", on=today)
    if refused.reason == "refused.not-source" and place is not None and thing.lines:
        return orgs.unit_by_code(f"{thing.lines[0]}@{orgs.prefix(place.code)}", on=today)
    if thing.unit_ids:
        units = orgs.units_by_id(thing.unit_ids)
        return next((units[id] for id in thing.unit_ids if id in units), None)
    if place is not None:
        return orgs.unit_by_code(f"{orgs.AREA}@{orgs.prefix(place.code)}", on=today)
    return None


def record_refusal(refused: Decision, *, at: datetime) -> None:
    """Leave a leaf of a refusal, in a transaction of its own unless one is running."""
    assert not refused.allowed, "only a refusal is recorded here"
    thing = refused.thing
    body: Mapping[str, object] = {
        "act": refused.act,
        "reason": refused.reason,
        # What somebody typed as a place does not belong into a log that is never cut.
        "division_code": thing.division_code if orgs.is_code(thing.division_code or "") else None,
        "purpose": refused.purpose,
    }
    with transaction.atomic():
        write(
            [
                Leaf(
                    realm=refused.realm,
                    at=at,
                    actor=refused.actor.account or "anonymous",
                    act="refuse",
                    kind=thing.kind,
                    object_id=thing.object_id,
                    body=body,
                )
            ]
        )


@transaction.atomic
def create_demo_accounts(on: date) -> list[DemoAccount]:
    """Make the accounts of a demonstration; those that exist keep their passwords."""
    password = os.environ.get("GUANTONG_DEMO_PASSWORD") or DEMO_PASSWORD
    users = {user.username: user for user in User.objects.filter(username__in=_DEMO_NAMES)}
    # Hashing is slow on purpose. The accounts share one word that everybody is told, so they
    # may share its hash; a changed password is checked on its own.
    encoded = next((u.password for u in users.values()), None) or make_password(password)
    opens = {encoded: check_password(password, encoded)}
    if not opens[encoded]:
        encoded = make_password(password)
        opens[encoded] = True
    made = []
    for username, code, post, title, language in _DEMO:
        unit = orgs.unit_by_code(code, on=on)
        people = [] if unit is None else orgs.people_of_unit(unit.id, on=on)
        person = next((p for p in people if p.post_code == post), None)
        if person is None:
            raise NotFounded(code=code, on=on)
        user = users.get(username)
        if user is None:
            user = User.objects.create(
                username=username, password=encoded, person_id=person.id, language=language,
                printed_password=True, activated_at=machine_now(),
            )  # fmt: skip
            leave("make", user, at=user.date_joined, actor="system", after=True)
        if user.password not in opens:
            opens[user.password] = check_password(password, user.password)
        if user.printed_password != opens[user.password]:
            # An upgraded store, or another password in the environment.
            user.printed_password = opens[user.password]
            user.save(update_fields=["printed_password"])
            leave("print-password", user, at=machine_now(), actor="system", after=True)
        made.append(
            DemoAccount(
                username=username,
                password=password if opens[user.password] else None,
                name=person.name,
                title_zh=say(f"access.title.{title}", "zh-CN"),
                title_en=say(f"access.title.{title}", "en"),
                language=user.language,
            )
        )
    return made


def demo_titles(language: str) -> list[tuple[str, str]]:
    """Return username and title of the accounts of a demonstration, for the sign-in page."""
    there = set(User.objects.filter(username__in=_DEMO_NAMES).values_list("username", flat=True))
    return [
        (username, say(f"access.title.{title}", language))
        for username, _, _, title, _ in _DEMO
        if username in there
    ]
