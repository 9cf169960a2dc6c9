"""Who is told of a contest, and who is told of its answer.

A contest is a notice to be accepted: it is reminded and brought before the superior by the same
clock as every other (promise P1), and answering it is accepting it.
"""

from datetime import date, datetime
from uuid import UUID

from guantong.access.api import ANSWERING_POSTS, ContestView, LookView, ResidenceView, others_in
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
    unit: UnitRef | None = orgs.units_by_id([look.unit_id or keeper_id]).get(
        look.unit_id or keeper_id
    )
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
        contest.realm, to=readers, kind="message", asks="acceptance", accept_by=contest.answer_by,
        words=Words(
            title_zh=say("contest.notice.title", "zh-CN"),
            title_en=say("contest.notice.title", "en"),
            text_zh=say("contest.notice.text", "zh-CN"), text_en=say("contest.notice.text", "en"),
        ),
        href=f"/contests/{contest.id}", about=contest.id, origin=f"contest:{contest.id}", at=at,
    )  # fmt: skip


def tell_answer(contest: ContestView, *, unit: UnitRef | None, by: UUID, at: datetime) -> None:
    """Tell the citizen that the answer is there; the heads' notice is taken on by it."""
    taken = [(contest.id, unit_id, by) for unit_id in contest.unit_ids]
    notices.accepted_elsewhere(contest.realm, taken, at=at)
    notices.send(
        contest.realm, to=[Recipient(person_id=contest.citizen_id)], kind="message",
        words=Words(
            title_zh=say("contest.answered.title", "zh-CN"),
            title_en=say("contest.answered.title", "en"),
            text_zh=say("contest.answered.text", "zh-CN"),
            text_en=say("contest.answered.text", "en"),
        ),
        href=f"/looks/{contest.look_id}/contest", sender_unit=unit,
        origin=f"contest-answer:{contest.id}", at=at,
    )  # fmt: skip


def tell_ended(tied: ResidenceView, *, unit: UnitRef | None, at: datetime) -> None:
    """Tell the citizen that an official ended what tied a record to her, and what stays hers."""
    notices.send(
        tied.realm, to=[Recipient(person_id=tied.citizen_id)], kind="message",
        words=Words(
            title_zh=say("resident.taken.title", "zh-CN"),
            title_en=say("resident.taken.title", "en"),
            text_zh=say("resident.taken.text", "zh-CN"), text_en=say("resident.taken.text", "en"),
        ),
        href=f"/looks?of={tied.id}", sender_unit=unit, origin=f"residence-end:{tied.id}", at=at,
    )  # fmt: skip
