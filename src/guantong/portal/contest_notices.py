"""Who is told of a contest, and who is told of its answer.

A contest is a notice to be accepted: it is reminded and brought before the superior by the same
clock as every other (promise P1), and answering it is accepting it. Whoever contests is a real
person who really waits: limit, notice and answer are of the live realm, also where the record is
one of an exercise; of that exercise they say its name and nothing else (promise P12).
"""

from datetime import date, datetime
from uuid import UUID

from guantong.access import api as access
from guantong.access.api import ANSWERING_POSTS, ContestView, LookView, ResidenceView, others_in
from guantong.base.clock import local_day
from guantong.base.models import Exercise
from guantong.base.realm import LIVE, Realm, is_exercise
from guantong.base.words import say
from guantong.notices import api as notices
from guantong.notices.api import Recipient, Words
from guantong.orgs import api as orgs
from guantong.orgs.api import UnitRef


def answering_units(
    look: LookView, keeper_id: UUID, *, on: date
) -> tuple[list[UnitRef], list[Recipient]]:
    """Return whose heads answer for a look, and these heads: never whoever looked.

    Where no head of a unit is a second person (``access.contest``), the units above are asked, one
    after the other.
    """
    first = look.unit_id or keeper_id
    return _heads(orgs.units_by_id([first]).get(first), look, on=on)


def heirs_of(about: UUID, unit: UnitRef, at: datetime) -> list[Recipient] | None:
    """Return who may answer a contest now that its head or unit is gone; None: it is no contest.

    The heads of the heir, or of the first unit above it that has a second person.
    """
    contest = access.contest_by_id(about)
    look = None if contest is None else access.look_by_id(contest.look_id)
    if contest is None or look is None:
        return None
    units, heads = _heads(unit, look, on=local_day(at))
    access.let_answer(contest.id, [u.id for u in units], at=at)
    return heads


def _heads(
    unit: UnitRef | None, look: LookView, *, on: date
) -> tuple[list[UnitRef], list[Recipient]]:
    """Return a unit and those above it up to the first with heads who may answer, and these."""
    not_they = {look.person_id, *others_in(look)}
    passed: list[UnitRef] = []
    while unit is not None and unit not in passed:
        passed.append(unit)
        heads = [
            Recipient(
                person_id=person.id, unit_id=unit.id, unit_zh=unit.name_zh, unit_en=unit.name_en
            )
            for person in orgs.people_of_unit(unit.id, on=on)
            if person.post_code in ANSWERING_POSTS and person.id not in not_they
        ]
        if heads:
            return passed, heads
        unit = notices.superior_of(unit, on=on)
    return passed, []


def tell_contest(contest: ContestView, readers: list[Recipient], *, at: datetime) -> None:
    """Tell the heads that somebody waits for their answer; without any head it is refused."""
    notices.send(
        LIVE, to=readers, kind="message", asks="acceptance", accept_by=contest.answer_by,
        words=_words("contest.notice", contest.realm),
        href=f"/contests/{contest.id}", about=contest.id, origin=f"contest:{contest.id}", at=at,
    )  # fmt: skip


def tell_answer(contest: ContestView, *, unit: UnitRef | None, by: UUID, at: datetime) -> None:
    """Tell the citizen that the answer is there; the heads' notice is taken on by it."""
    notices.settled(LIVE, contest.id, by=by, at=at)
    notices.send(
        LIVE, to=[Recipient(person_id=contest.citizen_id)], kind="message",
        words=_words("contest.answered", contest.realm),
        href=f"/looks/{contest.look_id}/contest", sender_unit=unit,
        origin=f"contest-answer:{contest.id}", at=at,
    )  # fmt: skip


def exercise_words(realm: Realm, language: str) -> str:
    """Return that a record belongs to an exercise, and to which; nothing for what is real."""
    if not is_exercise(realm):
        return ""
    title = Exercise.objects.filter(realm=realm).values_list("title", flat=True).first()
    return say("contest.exercise", language, title=title or "")


def _words(key: str, realm: Realm) -> Words:
    text = {
        language: f"{say(f'{key}.text', language)} {exercise_words(realm, language)}".strip()
        for language in ("zh-CN", "en")
    }
    return Words(
        title_zh=say(f"{key}.title", "zh-CN"), title_en=say(f"{key}.title", "en"),
        text_zh=text["zh-CN"], text_en=text["en"],
    )  # fmt: skip


def tell_ended(tied: ResidenceView, *, unit: UnitRef | None, at: datetime) -> None:
    """Tell the citizen that an official ended what tied a record to her, and what stays hers."""
    notices.send(
        LIVE, to=[Recipient(person_id=tied.citizen_id)], kind="message",
        words=Words(
            title_zh=say("resident.taken.title", "zh-CN"),
            title_en=say("resident.taken.title", "en"),
            text_zh=say("resident.taken.text", "zh-CN"), text_en=say("resident.taken.text", "en"),
        ),
        href=f"/looks?of={tied.id}", sender_unit=unit, origin=f"residence-end:{tied.id}", at=at,
    )  # fmt: skip
