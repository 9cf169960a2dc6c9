"""What the parts of a V-model are called, in the reader's language, and where each leads to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import PurePosixPath

from guantong.base.words import say
from guantong.packages.api import Carrier, Demand, Goal, KnownData, Models, Package, plan_item
from guantong.portal.role_words import role_words

# The light of each state of a need (``packages.vmodel.demand``), and of a unit that needs nothing.
LIGHTS = {
    "nowhere": "red",
    "missing": "red",
    "to_request": "orange",
    "waiting": "yellow",
    "sample": "blue",
    "landed": "green",
    "kept": "green",
    "nothing": "grey",
}
# Contracts are named in both languages, the Chinese name first: 台风路径 Typhoon track.
_BOTH = re.compile(r"(.*[\u3000-\u9fff\uff00-\uffef])\s+([A-Za-z].*)")
_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def length_text(length: timedelta | None, language: str) -> str:
    """Return a limit as people say it, in the greatest unit that goes into it evenly."""
    seconds = round(length.total_seconds()) if length is not None else 0
    if not seconds:
        return "–"
    for name, size in _UNITS:
        if seconds % size == 0:
            return say(f"vmodel.length.{name}", language, count=seconds // size)
    return say("vmodel.length.minutes", language, count=f"{seconds / 60:g}")


@dataclass(frozen=True, kw_only=True)
class VModelWords:
    """The words of one package's V-model for one reader."""

    package: Package
    models: Models
    language: str

    def say(self, key: str, **facts: object) -> str:
        """Return a word of the platform."""
        return say(key, self.language, **facts)

    @property
    def path(self) -> str:
        """Return the address of the V-model's page."""
        return f"/apps/{self.package.id}/vmodel"

    @cached_property
    def title(self) -> str:
        """Return what the application is called."""
        app = self.package.one("app")
        assert app is not None, "an installed package has a manifest"
        title: Mapping[str, str] = app.data["title"]
        return title["zh" if self.language == "zh-CN" else "en"]

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """Return the number of each unit of work: 2.1 is the first unit of the second task."""
        return {
            unit.id: f"{place}.{number}"
            for place, task in enumerate(self.models.model.tasks, start=1)
            for number, unit in enumerate(task.units, start=1)
        }

    def unit(self, id: str) -> str:
        """Return number and title of a unit of work."""
        title = self.package.say(self.models.model.units[id].title, self.language)
        return f"{self.numbers[id]} {title}"

    def unit_href(self, id: str) -> str:
        """Return where a unit of work stands in the table."""
        return f"{self.path}?show=units#unit-{id}"

    def role(self, role: str) -> str:
        """Return who that is; nobody where the platform itself keeps the data."""
        return role_words(role, self.language) if role else self.say("vmodel.platform")

    def length(self, length: timedelta | None) -> str:
        """Return a limit as people say it: 3 days, 90 minutes."""
        return length_text(length, self.language)

    def basis(self, basis: Mapping[str, str]) -> str:
        """Return a legal basis, or a purpose: what stands in the file in both languages."""
        return basis["zh" if self.language == "zh-CN" else "en"]

    def data(self, id: str) -> str:
        """Return what a dataset is called; its id where nobody knows it."""
        known: KnownData | None = self.models.known.get(id)
        if known is None:
            return id
        if known.origin == "platform":
            return self.say(f"vmodel.kept.{id}")
        if known.origin == "signal":
            title = self.carrier(Carrier("signal", id))
            return self.say("vmodel.records_of", title=title)
        if known.origin == "wanted":
            return self.package.say(known.name, self.language)
        both = _BOTH.fullmatch(known.name)
        if both is None:
            return known.name or id
        return both[1] if self.language == "zh-CN" else both[2]

    def data_href(self, id: str) -> str | None:
        """Return the page of a dataset of the lake; other data have none."""
        known = self.models.known.get(id)
        return (
            f"/data/{id}" if known is not None and known.origin in ("landed", "derived") else None
        )

    def carrier(self, carrier: Carrier) -> str:
        """Return what an alternative is called, without its kind."""
        package, language = self.package, self.language
        if carrier.kind == "step":
            return package.say(f"node.{carrier.part}", language) if carrier.part else carrier.name
        if carrier.kind == "item" and carrier.part:
            item = plan_item(package, carrier)
            return package.say(str(item["title"]), language) if item else carrier.part
        if carrier.kind == "dataset":
            return self.data(carrier.name)
        if carrier.kind == "rule":
            return PurePosixPath(carrier.name).stem
        folder = {"item": "plans", "signal": "signals", "indicator": "indicators", "form": "forms"}
        for document in package.each(folder[carrier.kind]):
            if isinstance(document.data, dict) and document.data.get("id") == carrier.name:
                return package.say(document.data["title"], language)
        return carrier.name

    def carrier_with_kind(self, carrier: Carrier) -> str:
        """Return the kind of an alternative and what it is called: step, Give the advisory."""
        whole = {"step": "process", "item": "plan"} if not carrier.part else {}
        kind = whole.get(carrier.kind, carrier.kind)
        return self.say(f"vmodel.carrier.{kind}", name=self.carrier(carrier))

    def carrier_href(self, carrier: Carrier) -> str | None:
        """Return where an alternative can be looked at; None where it has no page."""
        flows = f"/apps/{self.package.id}/flows"
        if carrier.kind == "step" and carrier.name in self.package.flows:
            return f"{flows}/{carrier.name}?step={carrier.part}#step-{carrier.part}"
        if carrier.kind == "item" and (at := self._expanded(carrier)):
            flow, step = at
            return f"{flows}/{flow}?step={step}#item-{carrier.part}"
        if carrier.kind == "indicator":
            return f"/figures/{carrier.name}"
        if carrier.kind == "rule" and carrier.name in self.package.rules:
            return f"/apps/{self.package.id}/rules/{PurePosixPath(carrier.name).stem}"
        return self.data_href(carrier.name) if carrier.kind == "dataset" else None

    def _expanded(self, carrier: Carrier) -> tuple[str, str] | None:
        """Return the process and the step that expands the plan of an item."""
        for name, graph in self.package.flows.items():
            for node in graph.nodes.values():
                plan = self.package.documents.get(node.settings.get("plan", ""))
                if node.service == "plan" and plan and plan.data["id"] == carrier.name:
                    return name, node.id
        return None

    def target(self, goal: Goal) -> str:
        """Return what a goal must reach: at least 18 hours."""
        declared = next(
            (d.data for d in self.package.each("indicators") if d.data["id"] == goal.indicator),
            None,
        )
        unit = self.package.say(f"unit.{declared['unit']}", self.language) if declared else ""
        key = "vmodel.at_least" if goal.at_least is not None else "vmodel.at_most"
        value = goal.at_least if goal.at_least is not None else goal.at_most
        gap = "" if unit == "%" else " "
        text = self.say(key, value=f"{value:,g}{gap}{unit}".strip())
        return (
            text if goal.by is None else self.say("vmodel.by", target=text, day=goal.by.isoformat())
        )

    def state(self, state: str) -> str:
        """Return what the state of a need is called."""
        return self.say(f"vmodel.state.{state}")

    def fields(self, demand: Demand) -> str:
        """Return the fields of a need, in one line."""
        return self.say("vmodel.comma").join(demand.fields)
