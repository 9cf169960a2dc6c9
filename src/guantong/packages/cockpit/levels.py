"""Levels of the counties, what changed last, and the league, from the rows a reader may see."""

from collections.abc import Mapping, Sequence
from typing import Any

from guantong.base.reading import figure_text, short_moment_text
from guantong.base.words import say
from guantong.brain.api import AlertView, Indicator, signal_kind
from guantong.orgs.api import DivisionRef
from guantong.packages.areas.held import installed_at

# As many as a column of the page holds.
STREAM_LENGTH = 20
LEAGUE_LENGTH = 10

NONE = "none"


def name_of(place: DivisionRef, language: str) -> str:
    """Return what a division is called in the reader's language."""
    return place.name if language == "zh-CN" else place.name_en or place.name


def highest(levels: Sequence[str], signal: str) -> str:
    """Return the gravest of some levels in the order the signal declares."""
    order = signal_kind(signal).levels
    return max(levels, key=lambda level: order.index(level) if level in order else -1, default=NONE)


def open_levels(alerts: Sequence[AlertView], signal: str) -> dict[str, str]:
    """Return the level of each division with an open alert of this signal."""
    found: dict[str, list[str]] = {}
    for alert in alerts:
        if alert.signal == signal and alert.state == "open" and alert.level != NONE:
            found.setdefault(alert.division_code, []).append(alert.level)
    return {code: highest(levels, signal) for code, levels in found.items()}


def counties(
    places: Sequence[DivisionRef],
    levels: Mapping[str, str],
    values: Sequence[tuple[Indicator, Mapping[str, float | None]]],
    language: str,
) -> list[dict[str, Any]]:
    """Return a row for each county, the gravest first."""
    rank = {"red": 0, "orange": 1, "yellow": 2, "blue": 3}
    ordered = sorted(places, key=lambda p: (rank.get(levels.get(p.code, NONE), 4), p.code))
    return [
        {
            "code": place.code,
            "name": name_of(place, language),
            "level": levels.get(place.code, NONE),
            "level_word": say(f"level.{levels.get(place.code, NONE)}", language),
            "href": f"/cockpit/{place.code}",
            "cells": [figure_text(found.get(place.code), i.decimals) for i, found in values],
        }
        for place in ordered
    ]


def stream(
    alerts: Sequence[AlertView], names: Mapping[str, str], language: str
) -> list[dict[str, Any]]:
    """Return what changed last, newest first, each with the way to its case."""
    return [
        {
            "at_text": short_moment_text(alert.changed_at, language),
            "text": _told(alert, names.get(alert.division_code, alert.division_code), language),
            "level": alert.level if alert.state == "open" else NONE,
            "href": f"/cases/{alert.case_id}" if alert.case_id else None,
        }
        for alert in alerts[:STREAM_LENGTH]
    ]


def _told(alert: AlertView, place: str, language: str) -> str:
    package = installed_at(alert.package, alert.division_code)
    title = signal_kind(alert.signal).title
    signal = package.say(title, language) if package else title
    if alert.state == "closed":
        most = say(f"level.{alert.highest_level}", language)
        return say("cockpit.entry.ended", language, place=place, signal=signal, highest=most)
    level = say(f"level.{alert.level}", language)
    return say("cockpit.entry.level", language, place=place, signal=signal, level=level)


def league(
    places: Sequence[DivisionRef],
    indicator: Indicator,
    values: Mapping[str, float | None],
    unit: str,
    language: str,
) -> list[dict[str, Any]]:
    """Return the divisions that have a value, best first; equal ones in the order of codes."""
    sign = 1 if indicator.better == "lower" else -1
    valued = [(p, v) for p in places if (v := values.get(p.code)) is not None]
    valued.sort(key=lambda pair: (sign * pair[1], pair[0].code))
    return [
        {
            "code": place.code,
            "name": name_of(place, language),
            "value": value,
            "value_text": f"{figure_text(value, indicator.decimals)} {unit}",
            "href": f"/figures/{indicator.id}?area={place.code}",
        }
        for place, value in valued[:LEAGUE_LENGTH]
    ]
