"""Who listens: the person of the portal's session, and whether they may, judged anew each minute.

Plain functions that ask the record store; they run in the threads of ``offload``.
"""

from dataclasses import dataclass
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from guantong.access.api import (
    ENROL,
    NOBODY,
    OFFICIAL,
    Actor,
    Rows,
    Thing,
    User,
    actor_for,
    decide,
    record_refusal,
)
from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.realm import Realm, parse
from guantong.base.words import LANGUAGES
from guantong.gateway.errors import NoSuchStream, NotSignedIn
from guantong.packages.api import place_of, rows_within


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks to listen to, and the session they show."""

    session: str | None
    realm: str
    area: str
    # The number under which a refusal is recorded and can be asked about.
    trace: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Somebody who may listen: to which realm and area, over which rows, in which language."""

    actor: Actor
    realm: Realm
    area: str
    rows: Rows
    language: str


def admit(asked: Asked) -> Listener:
    """Return the listener; every refusal has left its leaf before it is raised."""
    realm = _realm(asked)
    user = signed_in(asked.session)
    actor = NOBODY if user is None else actor_for(user, clock.local_day(clock.machine_now()))
    thing = Thing(kind="stream", division_code=asked.area)
    answer = decide(actor, "read", thing, realm=realm, purpose=f"trace:{asked.trace}")
    if not answer.allowed:
        record_refusal(answer, at=clock.now(realm))
        if user is None:
            raise NotSignedIn
        answer.or_refuse()
    place_of(asked.area)
    return Listener(
        actor=actor,
        realm=realm,
        area=asked.area,
        rows=rows_within(answer.rows, asked.area),
        language=language_of(asked, user),
    )


def signed_in(session: str | None) -> User | None:
    """Return the account of a session of the portal, as Django itself would."""
    if not session:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(session)
    user = get_user(request)
    # A citizen has no streams; who must enrol a second factor first has none yet.
    if not isinstance(user, User) or not user.is_active or user.kind != OFFICIAL:
        return None
    if request.session.get(ENROL):
        return None
    # A wall that shows the cockpit is used, though nobody touches it; the longest time holds.
    request.session.touch()  # type: ignore[attr-defined]
    return user


def language_of(asked: Asked, user: User | None) -> str:
    """Return the language the page was drawn in, else that of the account."""
    if asked.language in LANGUAGES:
        return str(asked.language)
    return user.language if user is not None and user.language in LANGUAGES else "zh-CN"


def _realm(asked: Asked) -> Realm:
    try:
        realm = parse(asked.realm)
        clock.now(realm)
    except (ValueError, NotFound):
        raise NoSuchStream(stream=f"{asked.realm}/{asked.area}") from None
    return realm
