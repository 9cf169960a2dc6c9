"""Use cases of access: read an actor, decide and name whom to ask, record a refusal, accounts."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from guantong.access import decision as rules
from guantong.access.actor import NOBODY, Actor, PostHeld
from guantong.access.decision import Decision
from guantong.access.errors import NotFounded
from guantong.access.models import User
from guantong.access.thing import Thing
from guantong.audit.api import Leaf, write
from guantong.base.clock import local_day, machine_now
from guantong.base.realm import LIVE
from guantong.base.words import LANGUAGES, say
from guantong.orgs import api as orgs

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
            posts=tuple(_post(held) for held in posts[id]),
        )
        for id in ids
    }


def _post(held: orgs.HeldPost) -> PostHeld:
    return PostHeld(
        unit_id=held.unit.id,
        unit_code=held.unit.code,
        line=held.unit.line,
        tier=held.unit.tier,
        division_code=held.unit.division_code,
        post_code=held.post_code,
    )


def decide(
    actor: Actor, act: str, thing: Thing, *, realm: str, purpose: str | None = None
) -> Decision:
    """Return the one decision; a refusal names the place and the unit to ask."""
    answer = rules.decide(actor, act, thing, realm=realm, purpose=purpose)
    if answer.allowed:
        return answer
    return replace(answer, facts={**_names(answer), **answer.facts})


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
                username=username, password=encoded, person_id=person.id, language=language
            )
            write([_account_made(user)])
        if user.password not in opens:
            opens[user.password] = check_password(password, user.password)
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


def _account_made(user: User) -> Leaf:
    # An account belongs to the installation, not to an exercise: the live realm.
    return Leaf(
        realm=LIVE,
        at=user.date_joined,
        actor="system",
        act="make",
        kind="account",
        object_id=user.id,
        body={"username": user.username, "person_id": str(user.person_id)},
    )


def demo_titles(language: str) -> list[tuple[str, str]]:
    """Return username and title of the accounts of a demonstration, for the sign-in page."""
    there = set(User.objects.filter(username__in=_DEMO_NAMES).values_list("username", flat=True))
    return [
        (username, say(f"access.title.{title}", language))
        for username, _, _, title, _ in _DEMO
        if username in there
    ]
