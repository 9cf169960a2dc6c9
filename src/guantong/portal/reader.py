"""Who reads a page: the account, its posts today, the language, and the realm and its time.

The middleware makes one ``Reader`` for each request. Every view asks ``decide`` before it shows
or does anything; a refusal is recorded and becomes the page that says why.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guantong.access import api as access
from guantong.access.api import OFFICIAL, Actor, Decision, Thing, User
from guantong.base import clock
from guantong.base.models import Exercise
from guantong.base.realm import LIVE, Realm, is_exercise, parse
from guantong.base.words import LANGUAGES

LANGUAGE_COOKIE = "language"
REALM_KEY = "realm"

# Lists of exercises to choose from show the newest ones; older ones keep their address.
MOST_EXERCISES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmChoice:
    """One realm a reader may look into."""

    realm: Realm
    title: str
    package: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads, in which language, in which realm, and what time it is there."""

    user: User
    actor: Actor
    language: str
    realm: Realm
    now: datetime
    on: date
    realms: tuple[RealmChoice, ...] = ()

    @property
    def choice(self) -> RealmChoice | None:
        """The exercise this reader stands in; None in the live realm."""
        return next((c for c in self.realms if c.realm == self.realm), None)


def reader_of(request: HttpRequest) -> Reader:
    """Return the reader of a request; only pages for people who signed in ask for it."""
    found = getattr(request, "reader", None)
    assert isinstance(found, Reader), "the middleware lets nobody past who is not signed in"
    return found


def read_reader(request: HttpRequest) -> Reader | None:
    """Return who reads, or None when nobody is signed in."""
    user = request.user
    # The other end has cookies of its own; one carried over by hand is nobody's here.
    if not isinstance(user, User) or user.kind != settings.END:
        return None
    machine_now = clock.machine_now()
    # Citizens have nothing to do with exercises (promise P12).
    choices = exercises() if settings.END == OFFICIAL else ()
    realm, now = _realm(request.session.get(REALM_KEY), choices, machine_now)
    on = clock.local_day(machine_now)
    if access.close_if_left(user, on=on, at=machine_now):
        return None
    return Reader(
        user=user,
        actor=access.actor_for(user, on),
        language=language_of(request),
        realm=realm,
        now=now,
        on=on,
        realms=choices,
    )


def exercises() -> tuple[RealmChoice, ...]:
    """The newest exercises, newest first."""
    return tuple(_choice(row) for row in Exercise.objects.order_by("-started_at")[:MOST_EXERCISES])


def realm_named(text: str) -> Realm | None:
    """Return ``text`` as a realm that exists; None otherwise."""
    try:
        realm = parse(text)
    except ValueError:
        return None
    if is_exercise(realm) and not Exercise.objects.filter(realm=realm).exists():
        return None
    return realm


def _choice(row: Exercise) -> RealmChoice:
    return RealmChoice(realm=Realm(row.realm), title=row.title, package=row.package, now=row.now_at)


def _realm(
    chosen: object, choices: tuple[RealmChoice, ...], machine_now: datetime
) -> tuple[Realm, datetime]:
    """Return the realm chosen before if it still stands, else the newest exercise, else live."""
    if chosen == LIVE:
        return LIVE, machine_now
    for choice in choices:
        if choice.realm == chosen:
            return choice.realm, choice.now
    if isinstance(chosen, str) and (realm := realm_named(chosen)) is not None:
        return realm, clock.now(realm)
    if choices:
        return choices[0].realm, choices[0].now
    return LIVE, machine_now


def language_of(request: HttpRequest) -> str:
    """Return the language of the account, else the one chosen here, else the browser's."""
    user = request.user
    if isinstance(user, User) and user.language in LANGUAGES:
        return user.language
    chosen = request.COOKIES.get(LANGUAGE_COOKIE)
    if chosen in LANGUAGES:
        return chosen
    asked = request.headers.get("Accept-Language", "").strip().lower()
    return "en" if asked.startswith("en") else "zh-CN"


def decide(request: HttpRequest, act: str, thing: Thing, *, purpose: str | None = None) -> Decision:
    """Return the decision that allows ``act``; a refusal is recorded and raised."""
    reader = reader_of(request)
    answer = access.decide(reader.actor, act, thing, realm=reader.realm, purpose=purpose)
    asking: list[Decision] | None = getattr(request, "asking", None)
    if asking is not None:
        # Somebody asks what this page asks (``portal.asking``): it is told, and not recorded.
        asking.append(answer)
        return answer.or_refuse()
    if not answer.allowed:
        access.record_refusal(answer, at=reader.now)
    return answer.or_refuse()


def may(reader: Reader, act: str, thing: Thing, *, purpose: str | None = None) -> Decision:
    """Return the decision on ``act`` for a part of a page; a refusal only leaves the part out."""
    return access.decide(reader.actor, act, thing, realm=reader.realm, purpose=purpose)


def page(
    request: HttpRequest, template: str, *, status: int = 200, **context: object
) -> HttpResponse:
    """Return a page in the frame; the context processor adds the frame itself."""
    return render(request, template, context, status=status)
