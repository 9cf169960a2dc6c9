"""Where people can be reached, and what they have chosen: the one place that opens addresses.

A mobile number and a mail address are personal data (class L3): sealed in the store, opened only
for the moment of sending, and never in a log, a leaf or a fault.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.access.api import User
from guantong.base.realm import LIVE
from guantong.base.sealed_places import bring_sealed
from guantong.base.sealing import seal, unseal
from guantong.notices.errors import BadAddress
from guantong.notices.preference import STANDARD, Preference
from guantong.notices.trail import leave, person
from guantong.orgs import api as orgs

# The shape of RFC 5321 section 4.1.2 without quoted local parts: what registrars of mail take.
_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+"
)
_LONGEST_MAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

_ABOUT = {"mobile": "notices.mobile:{id}", "mail": "notices.mail:{id}"}
bring_sealed("notices_preference", _ABOUT, key="person_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach one person, and in which language they read."""

    number: str = ""
    mobile: str = ""
    mail: str = ""
    language: str = "zh-CN"

    def __repr__(self) -> str:
        # An address must not come into a log by way of a traceback.
        return f"Contact({self.number})"


def contact_of(person_id: UUID) -> Contact:
    """Return where one person is reached: as they entered it, else as their unit has on record."""
    own = _addresses(person_id)
    number = orgs.names_of_people([person_id]).get(person_id, ("", ""))[0]
    language = (
        User.objects.filter(person_id=person_id, is_active=True)
        .values_list("language", flat=True)
        .first()
    )
    return Contact(
        number=number, mobile=own["mobile"] or orgs.contact_of(person_id).mobile, mail=own["mail"],
        language=language or "zh-CN",
    )  # fmt: skip


def _addresses(person_id: UUID) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select mobile, mail from notices_preference where person_id = %s", [person_id]
        )
        row = cursor.fetchone() or ("", "")
    return {
        name: unseal(sealed, about=_ABOUT[name].format(id=person_id)) if sealed else ""
        for name, sealed in zip(_ABOUT, row, strict=True)
    }


def preferences(person_ids: Collection[UUID]) -> Mapping[UUID, Preference]:
    """Return what people have chosen; whoever has chosen nothing is not in it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id, quiet_from, quiet_to, daily_at, modes::text, through_quiet::text,"
            " channels::text from notices_preference where person_id = any(%s)",
            [list(person_ids)],
        )
        return {
            id: Preference(
                quiet_from=quiet_from, quiet_to=quiet_to, daily_at=daily_at,
                modes=orjson.loads(modes), through_quiet=frozenset(orjson.loads(through)),
                channels=None if channels is None else _names(channels),
            )
            for id, quiet_from, quiet_to, daily_at, modes, through, channels in cursor.fetchall()
        }  # fmt: skip


def _names(text: str) -> tuple[str, ...] | None:
    found = orjson.loads(text)
    return None if found is None else tuple(found)


def preference_of(person_id: UUID) -> Preference:
    """Return what one person has chosen, or the standard."""
    return preferences([person_id]).get(person_id, STANDARD)


def own_addresses(person_id: UUID) -> tuple[str, str]:
    """Return the mobile number and the mail address a person entered, for that person's page."""
    found = _addresses(person_id)
    return found["mobile"], found["mail"]


def choose(person_id: UUID, chosen: Preference, *, mobile: str, mail: str, at: datetime) -> None:
    """Keep what a person has chosen. The leaf says that it was changed, never the addresses."""
    given = {"mobile": mobile_number(mobile), "mail": mail_address(mail)}
    sealed = {
        name: seal(value, about=_ABOUT[name].format(id=person_id)) if value else ""
        for name, value in given.items()
    }
    facts = {
        "quiet": [_clock(chosen.quiet_from), _clock(chosen.quiet_to)],
        "daily_at": _clock(chosen.daily_at), "modes": dict(chosen.modes),
        "through_quiet": sorted(chosen.through_quiet),
        "channels": None if chosen.channels is None else list(chosen.channels),
        "addresses": sorted(name for name, value in given.items() if value),
    }  # fmt: skip
    values: list[Any] = [
        person_id, chosen.quiet_from, chosen.quiet_to, chosen.daily_at,
        orjson.dumps(facts["modes"]).decode(), orjson.dumps(facts["through_quiet"]).decode(),
        None if facts["channels"] is None else orjson.dumps(facts["channels"]).decode(),
        sealed["mobile"], sealed["mail"], at,
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "insert into notices_preference (person_id, quiet_from, quiet_to, daily_at, modes,"
            " through_quiet, channels, mobile, mail, changed_at)"
            " values (%s, %s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb, %s, %s, %s)"
            " on conflict (person_id) do update set quiet_from = excluded.quiet_from,"
            " quiet_to = excluded.quiet_to, daily_at = excluded.daily_at, modes = excluded.modes,"
            " through_quiet = excluded.through_quiet, channels = excluded.channels,"
            " mobile = excluded.mobile, mail = excluded.mail, changed_at = excluded.changed_at",
            values,
        )
        leave(LIVE, "preference", "choose", [(person_id, facts)], actor=person(person_id), at=at)


def mobile_number(text: str) -> str:
    """Return a mobile number as eleven digits, nothing for nothing, or refuse."""
    plain = orgs.plain_mobile(text)
    if plain and not (plain.isascii() and orgs.is_mobile(plain)):
        raise BadAddress(field="mobile")
    return plain


def mail_address(text: str) -> str:
    """Return a mail address as it was typed, nothing for nothing, or refuse."""
    plain = text.strip()
    if plain and (len(plain) > _LONGEST_MAIL or not _MAIL.fullmatch(plain)):
        raise BadAddress(field="mail")
    return plain


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"
