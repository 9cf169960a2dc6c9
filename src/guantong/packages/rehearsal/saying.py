"""What a rehearsal says to people, in Chinese and English: wishes, findings, what happened.

The words of the application are its own; those of a division are looked up in the store, so a
sentence is made while the province in the box still stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from guantong.base.reading import short_moment_text
from guantong.base.words import say
from guantong.orgs.api import DivisionRef, Role, line_name, places
from guantong.packages.package import Package
from guantong.packages.rehearsal.acting import usual_actor
from guantong.packages.rehearsal.deeds import Done
from guantong.packages.rehearsal.judging import kind_of
from guantong.packages.rehearsal.rehearse import Rehearsed
from guantong.packages.rehearsal.script import ACT, opens
from guantong.packages.rehearsal.timeline import Entry

_SIGNS = {"equals": "=", "at_least": "≥", "at_most": "≤"}


@dataclass(frozen=True)
class Speaker:
    """Says what happened in the rehearsals of one package, in one language."""

    package: Package
    language: str
    # What divisions are called, as far as that is known already.
    _places: dict[str, DivisionRef | None] = field(default_factory=dict)

    def say(self, key: str, **facts: object) -> str:
        """Return a word of the rehearsal."""
        return say(f"rehearsal.{key}", self.language, **facts)

    def title(self, played: Rehearsed) -> str:
        """Return what a scenario is called."""
        return self.package.say(played.scenario.data["scenario"], self.language)

    def wish(self, done: Done) -> str:
        """Return what a scenario wanted."""
        if done.kind == ACT:
            return self._act(done.wish)
        kind = kind_of(done.wish)
        wanted = done.wish[kind]
        count = wanted.get("count")
        facts = {
            "count": self.say("count.any") if count is None else self._exactly(count),
            "where": self._where(wanted),
        }
        return self.say(f"want.{kind}", **facts, **self._more(kind, wanted))

    def found(self, done: Done) -> str:
        """Return what became of a wish."""
        result = done.result
        if not result:
            return self.say("found.unseen")
        if done.kind == ACT:
            return self._acted(result)
        kind = kind_of(done.wish)
        if kind == "figure":
            value = result["value"]
            text = "–" if value is None else f"{value:g}"
            return self.say("found.figure", value=text)
        if kind == "alert":
            seen = self._list(self._seen(*alert) for alert in result["seen"])
            return self.say("found.alert", count=result["count"], seen=seen)
        if kind == "case":
            ends = self._list(self._counted(self._node(n), c) for n, c in result["ends"].items())
            return self.say("found.case", count=result["count"], open=result["open"], ends=ends)
        states = self._list(
            self._counted(self.say(f"state.{s}"), c) for s, c in result["states"].items()
        )
        return self.say("found.task", count=result["count"], states=states)

    def failure(self, played: Rehearsed, done: Done, path: str) -> str:
        """Return the sentence on one wish that did not come true: where, what, what to look at."""
        kind = _ask_of(done)
        indicator = done.wish.get("figure", {}).get("indicator", "")
        return self.say(
            "failed", path=path, line=played.line(done), title=self.title(played),
            when=self.say("when", at=self.moment(played, done)), expected=self.wish(done),
            found=self.found(done), look=self.say(f"look.{kind}", name=indicator.split(".")[-1]),
        )  # fmt: skip

    def moment(self, played: Rehearsed, done: Done) -> str:
        """Return when a wish was due: on the scenario's clock, and counted from its beginning."""
        if done.due_at is None:
            return self.say("at-the-end")
        passed = _hours(done.due_at - played.begins_at)
        return f"{short_moment_text(done.due_at, self.language)} (+{passed})"

    def entry(self, entry: Entry) -> str:
        """Return what happened by itself, as one line of the timeline; wishes say theirs."""
        facts = entry.facts
        match entry.what:
            case "known":
                key = "told.rejected" if facts["rejected"] else "told.known"
                return self.say(key, **facts)
            case "alert":
                return self._alert(facts)
            case "opened" | "closed":
                return self._case(entry.what, facts)
            case _:
                return self._task(facts)

    def place(self, code: str) -> str:
        """Return what a division is called; its code where nobody knows it."""
        if code not in self._places:
            self._places[code] = places([code]).get(code)
        found = self._places[code]
        if found is None:
            return code
        return found.name if self.language == "zh-CN" else found.name_en

    def value(self, value: object) -> str:
        """Return what a value of the package is called, such as a level."""
        return self.package.words(self.language).get(f"value.{value}", str(value))

    def signal(self, id: str) -> str:
        """Return what a signal is called."""
        return self._titled("signals", id)

    def task(self, name: str) -> str:
        """Return what a step or an item of a plan is called."""
        for plan in self.package.each("plans"):
            for item in plan.data["items"]:
                if item["id"] == name:
                    return self.package.say(item["title"], self.language)
        return self._node(name)

    def _act(self, wish: Mapping[str, Any]) -> str:
        if opens(wish):
            act = self.say(
                "want.open", who=self._role(wish["by"]), flow=wish["flow"],
                where=self._where(wish),
            )  # fmt: skip
        else:
            act = self.say(
                "want.act", who=self.say(f"who.{usual_actor(wish)}"),
                task=self.task(wish["task"]), where=self._where(wish),
                verb=self.say(f"verb.{wish['verb']}"),
            )  # fmt: skip
        if "refused" not in wish:
            return act
        return self.say("want.refused", act=act, code=wish["refused"])

    def _role(self, text: str) -> str:
        role = Role.parse(text)
        tier = say(f"orgs.tier.{role.tier}", self.language)
        return f"{line_name(role.line, self.language)} · {tier}"

    def _acted(self, result: Mapping[str, Any]) -> str:
        if result["why"] in ("", "refused", "refused-otherwise"):
            if result["refused"]:
                return self.say("found.refused", code=result["refused"])
            return self.say("found.done")
        return self.say(f"found.{result['why']}")

    def _more(self, kind: str, wanted: Mapping[str, Any]) -> dict[str, str]:
        """Return the places of a wish that only its kind has."""
        if kind == "alert":
            level, answer = wanted.get("reaches"), wanted.get("feedback")
            return {
                "signal": self.signal(wanted["signal"]),
                "reaches": self.say("want.reaches", level=self.value(level)) if level else "",
                "feedback": self.say("want.feedback", feedback=self.value(answer))
                if answer
                else "",
            }
        if kind == "case":
            end = wanted.get("ends_at")
            ends = self.say("want.ends", node=self._node(end)) if end else ""
            return {"flow": wanted["flow"], "ends": ends}
        if kind == "task":
            return {
                "task": self.task(wanted["task"]), "state": self.say(f"state.{wanted['state']}")
            }  # fmt: skip
        bounds = [f"{sign} {wanted[name]:g}" for name, sign in _SIGNS.items() if name in wanted]
        return {
            "indicator": self._titled("indicators", wanted["indicator"]),
            "bounds": self.say("want.and").join(bounds),
        }

    def _alert(self, facts: Mapping[str, Any]) -> str:
        named = {"signal": self.signal(facts["signal"]), "place": self.place(facts["place"])}
        if facts["level"] == "ended":
            return self.say("told.ended", **named)
        return self.say("told.level", **named, level=self.value(facts["level"]))

    def _case(self, what: str, facts: Mapping[str, Any]) -> str:
        named = {"number": facts["number"], "place": self.place(facts["place"])}
        if what == "opened":
            return self.say("told.opened", **named)
        if not facts["outcome"]:
            return self.say("told.closed", number=facts["number"])
        outcome = self.value(facts["outcome"])
        return self.say("told.closed-as", number=facts["number"], outcome=outcome)

    def _task(self, facts: Mapping[str, Any]) -> str:
        title = self.package.say(facts["title"], self.language)
        unit = facts["unit_zh"] if self.language == "zh-CN" else facts["unit_en"]
        if facts["count"] > 1:
            title = self.say("told.several", title=title, count=facts["count"])
            unit = self.say("told.units")
        return self.say(f"told.{facts['verb']}", title=title, unit=unit)

    def _seen(self, place: str, level: str, feedback: str) -> str:
        named = {"place": self.place(place), "level": self.value(level)}
        if not feedback:
            return self.say("found.seen", **named)
        return self.say("found.seen-fed-back", **named, feedback=self.value(feedback))

    def _where(self, wanted: Mapping[str, Any]) -> str:
        return self.say("where", place=self.place(wanted["in"])) if "in" in wanted else ""

    def _exactly(self, count: int) -> str:
        return self.say("count.exactly", count=count)

    def _counted(self, name: str, count: int) -> str:
        return self.say("found.counted", count=count, name=name)

    def _list(self, told: Iterable[str]) -> str:
        gap = "、" if self.language == "zh-CN" else ", "
        return gap.join(told) or self.say("found.nothing")

    def _node(self, id: str) -> str:
        return self.package.words(self.language).get(f"node.{id}", id)

    def _titled(self, kind: str, id: str) -> str:
        for document in self.package.each(kind):
            if isinstance(document.data, dict) and document.data.get("id") == id:
                return self.package.say(document.data["title"], self.language)
        return id


def places_named(played: Iterable[Rehearsed]) -> set[str]:
    """Return the divisions that the sentences on wishes name, to be looked up all at once."""
    found: set[str] = set()
    for done in (wish for one in played for wish in one.wishes):
        wanted = done.wish if done.kind == ACT else done.wish[kind_of(done.wish)]
        found |= {wanted["in"]} if "in" in wanted else set()
        found |= {place for place, _, _ in done.result.get("seen", ())}
    return found


def _ask_of(done: Done) -> str:
    """Return what a wish is about, for the sentence on where to look."""
    if done.kind == ACT:
        return "open" if opens(done.wish) else ACT
    return kind_of(done.wish)


def _hours(passed: timedelta) -> str:
    hours, minutes = divmod(round(passed / timedelta(minutes=1)), 60)
    return f"{hours}:{minutes:02}"


def clock_hours(begins_at: datetime, ended_at: datetime) -> str:
    """Return how long a scenario took on its own clock, in hours."""
    return f"{(ended_at - begins_at) / timedelta(hours=1):.0f}"
