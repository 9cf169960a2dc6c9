"""Which fact people are told, whom, and in which words: facts of flows and orgs become notices.

Here because ``notices`` knows neither cases nor posts, and neither of these knows notices. One fact
makes one notice to all the units it concerns, however many tasks it is about. A fact that comes
twice tells nobody twice: the notice carries the fact it came from.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from guantong.base.clock import hour_of_the_realm, organisation_day
from guantong.base.hashing import sha256
from guantong.base.reading import moment_text
from guantong.base.realm import LIVE, Realm
from guantong.base.words import LANGUAGES, say
from guantong.brain.api import signals_of
from guantong.flows import api as flows
from guantong.flows.api import Batch
from guantong.notices import api as notices
from guantong.notices.api import Draft, Recipient, Words
from guantong.orgs import api as orgs
from guantong.portal import wording
from guantong.portal.contest_notices import heirs_of
from guantong.portal.things import lead_lines

# A notice names so many kinds of tasks; the inbox has them all.
_MOST_TITLES = 5
# So far ahead a roster is written at most; the page swaps within a year.
_ROSTER_AHEAD = timedelta(days=3660)


def on_tasks_dispatched(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell whoever is on duty in each unit that there are new tasks; red goes out at once."""
    batches = flows.batches(realm, fact["task_ids"])
    if not batches:
        return
    readers = _readers(realm, written_at, [(b.unit_id, b.unit_zh, b.unit_en, b.tasks)
                                           for b in batches])  # fmt: skip
    case = batches[0]
    if readers:
        notices.send(
            realm, to=readers, kind="work", asks="acceptance", urgent=case.level == "red",
            at=written_at, about=case.case_id, href=_inbox(case),
            origin=_origin("dispatch", fact, written_at), words=_words("dispatched", batches),
        )  # fmt: skip
    # In the live realm somebody may have been faster than this fact.
    taken = [(b.case_id, b.unit_id, b.taken_by) for b in batches if b.taken_by is not None]
    notices.accepted_elsewhere(realm, taken, at=written_at)


def on_tasks_accepted(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Mark the notice of a batch as accepted for the units that took on tasks of it."""
    batches = flows.batches(realm, fact["task_ids"])
    taken = [(b.case_id, b.unit_id, b.taken_by) for b in batches if b.taken_by is not None]
    notices.accepted_elsewhere(realm, taken, at=written_at)


def on_tasks_sent_back(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell the unit above that tasks were sent back, and must be given out anew."""
    batches = flows.batches(realm, fact["task_ids"])
    readers = _above(realm, written_at, batches)
    if readers:
        notices.send(
            realm, to=readers, kind="work", at=written_at, href=_inbox(batches[0]),
            origin=_origin("sent-back", fact, written_at), words=_words("sent_back", batches),
        )  # fmt: skip


def on_tasks_due_soon(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Remind the holders of tasks whose limit is near (催办)."""
    drafts, cases = [], _by_case(realm, fact)
    duty = _duty_of(realm, written_at, cases)
    for batches in cases:
        readers = _holders(realm, written_at, batches, duty)
        if readers:
            origin = _origin(f"soon-{batches[0].case_id}", fact, written_at)
            drafts.append(_draft("work", "soon", batches, readers, origin))
    notices.send_all(realm, drafts, at=written_at)


def on_tasks_supervised(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell the holders of late tasks, and the units above them that now watch (督办)."""
    drafts, cases = [], _by_case(realm, fact)
    duty = _duty_of(realm, written_at, cases)
    for batches in cases:
        holders = _holders(realm, written_at, batches, duty)
        above = _above(realm, written_at, batches, duty)
        for who, readers in (("held", holders), ("watched", above)):
            if readers:
                origin = _origin(f"late-{who}-{batches[0].case_id}", fact, written_at)
                drafts.append(_draft("overdue", f"late_{who}", batches, readers, origin))
    notices.send_all(realm, drafts, at=written_at)


def _by_case(realm: Realm, fact: Mapping[str, Any]) -> list[list[Batch]]:
    by_case: dict[UUID, list[Batch]] = {}
    for batch in flows.batches(realm, fact["task_ids"]):
        by_case.setdefault(batch.case_id, []).append(batch)
    return list(by_case.values())


Duty = Mapping[UUID, tuple[UUID, ...]]


def _duty_of(realm: Realm, at: datetime, cases: Sequence[Sequence[Batch]]) -> Duty:
    """Return who is on duty in every unit a fact is about: asked once, however many cases."""
    units = {id for batches in cases for b in batches for id in (b.unit_id, b.heir_id)}
    return _on_duty(realm, sorted(units), organisation_day(realm, at), at)


def _holders(realm: Realm, at: datetime, batches: Sequence[Batch], duty: Duty) -> list[Recipient]:
    units = [(b.unit_id, b.unit_zh, b.unit_en, b.tasks) for b in batches]
    return _readers(realm, at, units, duty)


def _draft(
    kind: str, key: str, batches: Sequence[Batch], readers: list[Recipient], origin: str
) -> Draft:
    return Draft(
        to=readers, kind=kind, href=_inbox(batches[0]), origin=origin, words=_words(key, batches)
    )


def on_alert_changed(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell a place at once, by night as well, that its alert is red: its government and the lead.

    Other levels reach people by the tasks they bring.
    """
    if fact["level"] != "red" or fact["change"] not in ("opened", "raised", "reopened"):
        return
    package, place = str(fact["signal"]).partition(".")[0], str(fact["division_code"])
    signal = next((s for s in signals_of(package) if s.id == fact["signal"]), None)
    if signal is None:
        return
    on = organisation_day(realm, written_at)
    held = orgs.jurisdictions(on)
    lines = (orgs.AREA, *lead_lines(package))
    units = [u for line in lines if (u := held.holder(line, place, on=on)) is not None]
    readers = _readers(realm, written_at, [(u.id, u.name_zh, u.name_en, 1) for u in units])
    if not readers:
        return
    known = _places(place)
    places = {
        language: {
            "matter": wording.matter_words(
                package, signal.opens, fact["matter"], language, place=place
            ),
            "place": wording.place_name(place, known, language),
            "at": moment_text(written_at, language),
        }
        for language in LANGUAGES
    }
    notices.send(
        realm, to=readers, kind="work", urgent=True, at=written_at, href=f"/cases?division={place}",
        origin=f"alert:{fact['alert_id']}:{written_at.isoformat()}",
        words=_say("telling.red", places),
    )  # fmt: skip


def on_person_appointed(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell somebody to which post they were appointed, or in which they act."""
    unit = orgs.units_by_id([UUID(fact["unit_id"])]).get(UUID(fact["unit_id"]))
    if unit is None:
        return
    key = "telling.acting" if fact["kind"] == "acting" else "telling.appointed"
    _tell_one(
        realm, UUID(fact["person_id"]), unit, key, post=fact["post_code"], at=written_at,
        origin=f"appointment:{fact['appointment_id']}", on=fact["on"],
    )  # fmt: skip


def on_delegation_given(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell somebody whose post they act in, and until when."""
    unit = orgs.units_by_id([UUID(fact["unit_id"])]).get(UUID(fact["unit_id"]))
    if unit is None:
        return
    _tell_one(
        realm, UUID(fact["to_person_id"]), unit, "telling.delegated", post=fact["post_code"],
        at=written_at, origin=f"delegation:{fact['delegation_id']}", on=fact["on"],
        until=fact["until"],
    )  # fmt: skip


def on_delegation_ended(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell somebody that they no longer act for another before the day that was set."""
    origin = f"delegation-ended:{fact['delegation_id']}"
    reader = Recipient(person_id=UUID(fact["to_person_id"]))
    words = _say("telling.delegation_ended", {})
    notices.send(realm, to=[reader], kind="organisation", at=written_at, words=words, origin=origin)


def on_swap_asked(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell somebody that a colleague asks to swap shifts; nobody, once it is answered."""
    unit_id = UUID(fact["unit_id"])
    waiting = orgs.swaps_asked(unit_id, at=written_at)
    swap = next((one for one in waiting if one.id == UUID(fact["swap_id"])), None)
    if swap is None:
        return
    places = {
        language: {
            "name": swap.name,
            "shift": moment_text(swap.starts_at, language),
            "wanted": moment_text(swap.other_starts_at, language),
        }
        for language in LANGUAGES
    }
    notices.send(
        realm, to=[Recipient(person_id=swap.other_person_id)], kind="organisation", at=written_at,
        words=_say("telling.swap_asked", places), origin=f"swap-asked:{swap.id}",
        href=f"/units/{unit_id}/roster",
    )  # fmt: skip


def on_swap_done(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Tell both which shift is theirs now; not of one that was changed again since."""
    unit_id = UUID(fact["unit_id"])
    coming = orgs.shifts(unit_id, since=written_at, until=written_at + _ROSTER_AHEAD)
    drafts = [
        Draft(
            to=[Recipient(person_id=shift.person_id)], kind="organisation",
            href=f"/units/{unit_id}/roster", origin=f"swap-done:{shift.id}",
            words=_say("telling.swap_done", {
                language: {
                    "since": moment_text(shift.starts_at, language),
                    "until": moment_text(shift.ends_at, language),
                }
                for language in LANGUAGES
            }),
        )
        for shift in coming
        if str(shift.id) in fact["shift_ids"]
    ]  # fmt: skip
    notices.send_all(realm, drafts, at=written_at)


def on_person_left(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Let nothing wait for a leaver."""
    notices.person_left(UUID(fact["person_id"]), at=written_at, heirs=heirs_of)


def on_unit_merged(realm: Realm, written_at: datetime, fact: Mapping[str, Any]) -> None:
    """Let nothing wait for a unit that was closed."""
    gone, into = UUID(fact["unit_id"]), UUID(fact["into_id"])
    notices.unit_merged(gone, into, at=written_at, heirs=heirs_of)


def _readers(
    realm: Realm,
    at: datetime,
    units: Iterable[tuple[UUID, str, str, int]],
    duty: Duty | None = None,
) -> list[Recipient]:
    """Return whoever is on duty in each unit; where nobody is, in the nearest unit above it."""
    known = {row[0]: row for row in units}
    on = organisation_day(realm, at)
    moment = hour_of_the_realm(realm, at)
    people = _on_duty(realm, list(known), on, at) if duty is None else duty
    readers = [
        Recipient(person_id=person, unit_id=id, unit_zh=zh, unit_en=en, items=items)
        for id, zh, en, items in known.values()
        for person in people.get(id, ())
    ]
    empty = [id for id in known if not people.get(id)]
    for unit in orgs.units_by_id(empty).values() if empty else ():
        superior = notices.superior_of(unit, on=on)
        if superior is not None:
            readers += notices.of_units([superior], on=on, at=moment)[0]
    return readers


# Who is on duty in an exercise: it plays with the people of one day, so each unit is asked once.
# None for a unit with a roster for that day: that one is asked by the hour of the exercise's clock.
_played: dict[Realm, dict[UUID, tuple[UUID, ...] | None]] = {}


def _on_duty(
    realm: Realm, unit_ids: Sequence[UUID], on: date, at: datetime
) -> Mapping[UUID, tuple[UUID, ...]]:
    moment = hour_of_the_realm(realm, at)
    if realm == LIVE:
        return notices.people_on_duty(unit_ids, on=on, at=moment)
    if realm not in _played:
        _played.clear()  # one exercise is played at a time
    known = _played.setdefault(realm, {})
    missing = [id for id in unit_ids if id not in known]
    if missing:
        by_the_hour = orgs.with_roster(missing, on=on)
        known.update(dict.fromkeys(by_the_hour))
        rest = [id for id in missing if id not in by_the_hour]
        known.update(notices.people_on_duty(rest, on=on))
    asked = [id for id in unit_ids if known[id] is None]
    found = dict(notices.people_on_duty(asked, on=on, at=moment)) if asked else {}
    return found | {id: people for id in unit_ids if (people := known[id]) is not None}


def _units(unit_ids: Iterable[UUID], *, on: date) -> dict[UUID, orgs.UnitRef]:
    """Return units by their ids, from the table in memory where they answer for something."""
    held = orgs.jurisdictions(on)
    found = {id: held.unit(id) for id in unit_ids}
    missing = [id for id, unit in found.items() if unit is None]
    named = {id: unit for id, unit in found.items() if unit is not None}
    return named | (orgs.units_by_id(missing) if missing else {})


def _above(
    realm: Realm, at: datetime, batches: Sequence[Batch], duty: Duty | None = None
) -> list[Recipient]:
    count: dict[UUID, int] = {}
    for batch in batches:
        count[batch.heir_id] = count.get(batch.heir_id, 0) + batch.tasks
    named = _units(count, on=organisation_day(realm, at))
    return _readers(
        realm, at, [(id, u.name_zh, u.name_en, count[id]) for id, u in named.items()], duty
    )  # fmt: skip


def _tell_one(
    realm: Realm,
    person_id: UUID,
    unit: orgs.UnitRef,
    key: str,
    *,
    post: str,
    at: datetime,
    origin: str,
    **days: str,
) -> None:
    places = {
        language: {
            "unit": unit.name(language),
            "post": say(f"orgs.post.{post}", language),
            **{name: _day(day, language) for name, day in days.items()},
        }
        for language in LANGUAGES
    }
    reader = Recipient(
        person_id=person_id, unit_id=unit.id, unit_zh=unit.name_zh, unit_en=unit.name_en
    )
    notices.send(
        realm, to=[reader], kind="organisation", at=at, words=_say(key, places), origin=origin,
        href=f"/people/{person_id}",
    )  # fmt: skip


def _words(key: str, batches: Sequence[Batch]) -> Words:
    """Return the words about tasks of one case, in both languages."""
    case, tasks = batches[0], sum(batch.tasks for batch in batches)
    titles = sorted({title for batch in batches for title in batch.titles})
    places = {}
    for language in LANGUAGES:
        comma = say("list.and", language)
        named = [
            wording.word(case.package, title, language, place=case.division_code)
            for title in titles[:_MOST_TITLES]
        ]
        what = comma.join(dict.fromkeys(named))
        more = len(titles) - _MOST_TITLES
        if more > 0:
            what = say("telling.more", language, what=what, more=more)
        places[language] = {
            "case": wording.case_title(
                case.package, case.process, case.matter, case.division_code,
                _places(case.division_code), language,
            ),
            "number": case.case_number, "count": tasks, "units": len(batches), "what": what,
        }  # fmt: skip
    return _say(f"telling.{key}", places)


def _say(key: str, places: Mapping[str, Mapping[str, object]]) -> Words:
    title = {lang: say(f"{key}.title", lang, **places.get(lang, {})) for lang in LANGUAGES}
    text = {lang: say(f"{key}.text", lang, **places.get(lang, {})) for lang in LANGUAGES}
    return Words(
        title_zh=title["zh-CN"], title_en=title["en"], text_zh=text["zh-CN"], text_en=text["en"]
    )


@functools.lru_cache(maxsize=256)
def _places(code: str) -> wording.Places:
    # What a county is called changes at the pace of decrees; a process lives shorter.
    return wording.places_of([code])


def _inbox(case: Batch) -> str:
    return f"/inbox?q={case.case_number}"


def _origin(what: str, fact: Mapping[str, Any], written_at: datetime) -> str:
    ids = sha256(",".join(fact["task_ids"]).encode()).hex()[:32]
    return f"{what}:{written_at.isoformat()}:{ids}"


def _day(text: str, language: str) -> str:
    day = date.fromisoformat(text)
    if language == "zh-CN":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {day:%b} {day.year}"
