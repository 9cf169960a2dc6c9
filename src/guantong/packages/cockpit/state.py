"""The cockpit as one value: what the page is first drawn with, and what the stream sends after.

Everything is read anew each time, in a number of questions that does not grow with the rows.
Nothing in it depends on when it was asked but through the clock of the realm, which the live
realm shows in whole minutes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guantong.access.api import Actor, Rows, Thing, decide
from guantong.base import clock
from guantong.base.errors import NotFound
from guantong.base.models import Exercise
from guantong.base.reading import figure_text, moment_text, short_moment_text
from guantong.base.realm import Realm, is_exercise
from guantong.base.words import say
from guantong.brain import api as brain
from guantong.orgs.api import WIDTH, DivisionRef, division, divisions, is_code
from guantong.packages.cockpit import levels, track
from guantong.packages.cockpit.area import listed_tier, rows_within
from guantong.packages.install import all_installed
from guantong.packages.life.current import look
from guantong.packages.package import Package

# Columns of the table of counties: the first figures of the page that have a light.
# Two fit the panel beside the county and its level without scrolling.
_COLUMNS = 2
_MOST_ALERTS = 1000


@dataclass(frozen=True, kw_only=True)
class CockpitPage:
    """A package's declaration of its leader's page."""

    package: Package
    data: Mapping[str, Any]

    def title(self, language: str) -> str:
        """Return the page's title."""
        return self.package.say(self.data["title"], language)

    @property
    def indicators(self) -> list[brain.Indicator]:
        """Return the indicators of the figures, in the page's order."""
        found = [brain.indicator(id) for id in self.data["figures"]]
        return [indicator for indicator in found if indicator is not None]


def cockpit_page() -> CockpitPage:
    """Return the leader's page of the first installed package that declares one."""
    look()  # a stream stays open for hours, and what is installed may change meanwhile
    for package in all_installed():
        for document in package.each("pages"):
            if document.data["kind"] == "cockpit":
                return CockpitPage(package=package, data=document.data)
    raise NotFound(what="cockpit")


def place_of(area: str) -> DivisionRef:
    """Return the division that is looked at; another code than a division's is not found."""
    place = division(area) if is_code(area) else None
    if place is None:
        raise NotFound(what=area)
    return place


def now_in(realm: Realm) -> datetime:
    """Return the time a page shows: that of the exercise, or the live minute."""
    now = clock.now(realm)
    return now if is_exercise(realm) else now.replace(second=0, microsecond=0)


def cockpit_state(realm: Realm, *, actor: Actor, language: str, area: str) -> dict[str, Any]:
    """Return the cockpit of ``area`` as this actor may see it; refused outside their own area."""
    answer = decide(actor, "read", Thing(kind="figure", division_code=area), realm=realm)
    rows = rows_within(answer.or_refuse().rows, area)
    page, now = cockpit_page(), now_in(realm)
    place_of(area)
    return _State(page, realm, rows, now, language, area).whole()


@dataclass(frozen=True, slots=True)
class _State:
    """What every part of one answer needs."""

    page: CockpitPage
    realm: Realm
    rows: Rows
    now: datetime
    language: str
    area: str

    def whole(self) -> dict[str, Any]:
        places = divisions(tier="county", under=self.area)
        listed = places if listed_tier(self.area) == "county" else self._listed()
        names = {p.code: levels.name_of(p, self.language) for p in [*places, *listed]}
        alerts = brain.alerts(self.realm, rows=self.rows, most=_MOST_ALERTS)
        with brain.together():
            values = {i.id: (i, self._by_division(i)) for i in self._columns()}
            figures = [self._figure(i) for i in self.page.indicators]
            league = self._league(listed, values)
        return {
            "realm": self.realm,
            "clock": self.now.isoformat(),
            "clock_text": moment_text(self.now, self.language),
            "area": self.area,
            "running": self._running(),
            "figures": figures,
            "columns": [self.page.package.say(i.title, self.language) for i, _ in values.values()],
            "counties": levels.counties(
                places, self._levels(alerts), list(values.values()), self.language
            ),
            "stream": levels.stream(alerts, names, self.language),
            **league,
            **self._storm(names),
        }

    def _listed(self) -> list[DivisionRef]:
        return divisions(tier=listed_tier(self.area), under=self.area)

    def _running(self) -> bool:
        if not is_exercise(self.realm):
            return True
        return Exercise.objects.filter(realm=self.realm, state="running").exists()

    def _figure(self, indicator: brain.Indicator) -> dict[str, Any]:
        found = brain.figure(indicator, realm=self.realm, rows=self.rows, now=self.now)
        return {
            "id": indicator.id,
            "title": self.page.package.say(indicator.title, self.language),
            "value": figure_text(found.value, indicator.decimals),
            "unit": unit_word(self.page.package, indicator, self.language),
            "light": found.light,
            "light_word": light_word(found, self.language),
            "at_text": short_moment_text(found.at, self.language),
            "href": f"/figures/{indicator.id}?area={self.area}",
        }

    def _columns(self) -> list[brain.Indicator]:
        return [i for i in self.page.indicators if i.green is not None][:_COLUMNS]

    def _by_division(
        self, indicator: brain.Indicator, *, width: int = WIDTH["county"]
    ) -> dict[str, float | None]:
        return brain.by_division(
            indicator, realm=self.realm, rows=self.rows, now=self.now, width=width
        )

    def _levels(self, alerts: list[brain.AlertView]) -> dict[str, str]:
        signal = self._signal()
        return {} if signal is None else levels.open_levels(alerts, signal)

    def _signal(self) -> str | None:
        found: str | None = self.page.data.get("map", {}).get("colour_by")
        return found

    def _league(
        self, places: list[DivisionRef], known: Mapping[str, tuple[brain.Indicator, Any]]
    ) -> dict[str, Any]:
        declared = self.page.data.get("league")
        indicator = brain.indicator(declared["indicator"]) if declared else None
        if declared is None or indicator is None:
            return {"league": [], "league_title": ""}
        width = WIDTH[listed_tier(self.area)]
        again = width == WIDTH["county"] and indicator.id in known
        values = known[indicator.id][1] if again else self._by_division(indicator, width=width)
        unit = unit_word(self.page.package, indicator, self.language)
        return {
            "league": levels.league(places, indicator, values, unit, self.language),
            "league_title": self.page.package.say(declared["title"], self.language),
        }

    def _storm(self, names: Mapping[str, str]) -> dict[str, Any]:
        signal = self._signal()
        if signal is None:
            return {"storm": None, "history": []}
        package, language = self.page.package, self.language
        found, declared = track.points(package, self.page.data, realm=self.realm, now=self.now)
        said = brain.levels_over_time(self.realm, signal, rows=self.rows)
        return {
            "storm": track.storm(
                package, signal, found, declared, area=self.area, names=names, language=language
            ),
            "history": track.history(found, declared, said, signal, language),
        }


def unit_word(package: Package, indicator: brain.Indicator, language: str) -> str:
    """Return the unit of a figure as the package says it."""
    return package.say(f"unit.{indicator.unit}", language)


def light_word(figure: brain.Figure, language: str) -> str:
    """Return what the light means; nothing for a figure that has no lights."""
    if figure.indicator.green is None:
        return ""
    return say("cockpit.unknown" if figure.value is None else f"light.{figure.light}", language)
