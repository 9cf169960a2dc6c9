"""Rows of what areas have said, parameters, words and forms alike: where, when, who and why."""

from guantong.base.words import say
from guantong.packages.api import Said
from guantong.portal.application_words import Names
from guantong.portal.people_words import hour_text, span_text
from guantong.portal.reader import Reader


def said_row(one: Said, reader: Reader, names: Names, *, end: str) -> dict[str, object]:
    """Return what a list shows of anything an area has said; ``end`` is where it is taken back."""
    language = reader.language
    over = one.void or (one.to_day is not None and one.to_day <= reader.on)
    ended = ""
    if one.ended_at is not None:
        ended = say(
            "parameters.ended", language, at=hour_text(one.ended_at, language),
            who=names.who(one.ended_by), why=one.ended_why,
        )  # fmt: skip
    return {
        "place": names.place(one.division_code, language),
        "span": say("parameters.never", language)
        if one.void else span_text(one.from_day, one.to_day, language),
        "why": one.why,
        "who": say(
            "parameters.said", language, who=names.who(one.by), at=hour_text(one.at, language)
        ),
        "ended": ended,
        "end": "" if over or one.ended_at is not None else end,
    }  # fmt: skip
