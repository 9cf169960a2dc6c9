"""The report of a rehearsal: one HTML file that needs nothing else, for screen, phone and paper.

Built as a tree, so that no word of a package can become markup. It has no script: a reviewer may
open it from a mail. ``brief`` is its first part for a page that has a frame of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from importlib import resources

from lxml import etree

from guantong.base.reading import figure_text, moment_text, short_moment_text
from guantong.base.words import say
from guantong.bpmn.api import Graph
from guantong.orgs.api import DivisionRef
from guantong.packages.package import Package
from guantong.packages.rehearsal import coverage
from guantong.packages.rehearsal.coverage import Topic
from guantong.packages.rehearsal.live import UnitScore
from guantong.packages.rehearsal.picture import picture
from guantong.packages.rehearsal.rehearse import Rehearsed
from guantong.packages.rehearsal.saying import Speaker, clock_hours
from guantong.packages.rehearsal.timeline import Entry

Part = etree._Element | str | None


class Markup(str):
    """Text written from a tree, in which every word is escaped already: a template takes it so."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return itself: what a template asks before it escapes."""
        return self


class Report:
    """A report that grows package by package, while their province stands; ``html`` at the end."""

    def __init__(self, *, at: datetime, language: str) -> None:
        self._at, self._language = at, language
        self._parts: list[etree._Element] = []
        self._titles: list[str] = []

    def add(
        self, package: Package, played: Sequence[Rehearsed], *, units: Sequence[UnitScore] = ()
    ) -> None:
        """Add the scenarios of one package; ``units`` are the scores of an exercise with people."""
        speaker = Speaker(package, self._language)
        self._titles.append(_title(package, self._language))
        sections = self._sections(speaker, played, units)
        self._parts += [part for part in sections if part is not None]

    def html(self) -> bytes:
        """Return the whole file."""
        title = say("rehearsal.report.title", self._language)
        sheets = ("report.css", "parts.css")
        css = "".join((resources.files(__package__) / name).read_text("utf-8") for name in sheets)
        root = _el(
            "html",
            _el(
                "head",
                _el("meta", charset="utf-8"),
                _el("meta", name="viewport", content="width=device-width, initial-scale=1"),
                _el("title", f"{title} · {', '.join(self._titles)}"),
                _el("style", css),
            ),
            _el(
                "body",
                _el(
                    "main",
                    _el("p", f"贯通 Guantong · {title}", class_="brand"),
                    *self._parts,
                    _el("footer", say("rehearsal.report.foot", self._language)),
                    class_="rehearsal",
                ),
            ),
            lang=self._language,
        )
        return etree.tostring(root, method="html", doctype="<!doctype html>", encoding="utf-8")

    def _sections(
        self, speaker: Speaker, played: Sequence[Rehearsed], units: Sequence[UnitScore]
    ) -> Iterator[etree._Element | None]:
        package, reached = speaker.package, union(played)
        app = package.one("app")
        version = app.data["version"] if app is not None else ""
        key = "report.lead-live" if units else "report.lead"
        lead = speaker.say(key, at=moment_text(self._at, self._language))
        yield _el(
            "header",
            _el("h1", f"{_title(package, self._language)} {version}"),
            _el("p", lead, class_="quiet"),
            _sum(speaker, played),
        )
        yield _failures(speaker, played)
        yield _summary(speaker, played)
        if units:
            yield _units(speaker, units)
        yield _coverage(speaker, coverage.topics(coverage.possible(package), reached))
        for flow, graph in package.flows.items():
            yield _picture(speaker, flow, graph, reached)
        for one in played:
            yield _scenario(speaker, one)


def brief(
    package: Package,
    played: Sequence[Rehearsed],
    *,
    units: Sequence[UnitScore] = (),
    places: Mapping[str, DivisionRef],
    language: str,
) -> Markup:
    """Return verdict, failures, scores and coverage as the report has them, below an h2."""
    speaker = Speaker(package, language, dict(places))
    topics = coverage.topics(coverage.possible(package), union(played))
    parts = (
        _sum(speaker, played),
        _failures(speaker, played, "h3"),
        _units(speaker, units, "h3") if units else None,
        _coverage(speaker, topics, "h3"),
    )
    return Markup(
        "".join(
            etree.tostring(part, method="html", encoding="unicode")
            for part in parts
            if part is not None
        )
    )


def union(played: Iterable[Rehearsed]) -> coverage.Elements:
    """Return what all rehearsals have reached together."""
    reached: coverage.Elements = {}
    for one in played:
        reached = coverage.together(reached, one.reached)
    return reached


def _sum(speaker: Speaker, played: Sequence[Rehearsed]) -> etree._Element:
    failed = sum(not one.held for one in played)
    key = "report.some-failed" if failed else "report.all-held"
    text = speaker.say(key, failed=failed, count=len(played))
    return _el("p", f"{_mark(not failed)} {text}", class_=f"sum {_class(not failed)}")


def _failures(
    speaker: Speaker, played: Sequence[Rehearsed], head: str = "h2"
) -> etree._Element | None:
    told = [
        _el("li", speaker.failure(one, wish, one.scenario.path), class_="failed")
        for one in played
        for wish in one.failed
    ]
    if not told:
        return None
    return _card(_el(head, speaker.say("report.failures")), _el("ul", *told, class_="wishes"))


def _summary(speaker: Speaker, played: Sequence[Rehearsed]) -> etree._Element:
    names = ("scenario", "verdict", "checks", "clock", "open", "seconds")
    heads = [speaker.say(f"report.{name}") for name in names]
    rows = []
    for one in played:
        held = sum(wish.held for wish in one.wishes)
        hours = clock_hours(one.begins_at, one.ended_at)
        values: list[Part] = [
            speaker.title(one),
            _verdict(speaker, one.held),
            f"{held} / {len(one.wishes)}",
            speaker.say("report.hours", hours=hours),
            str(one.unresolved),
            speaker.say("report.second", seconds=f"{one.seconds:.1f}"),
        ]
        rows.append(_row(heads, values, numbers_from=2))
    table = _el("table", _head(heads, numbers_from=2), _el("tbody", *rows), class_="tally")
    return _card(_el("h2", speaker.say("report.scenarios")), table)


def _units(speaker: Speaker, units: Sequence[UnitScore], head: str = "h2") -> etree._Element:
    names = ("unit", "by", "tasks", "receipt", "acceptance", "late")
    heads = [speaker.say(f"report.{name}") for name in names]
    rows = []
    for unit in units:
        by = speaker.say("report.by-people" if unit.by_people else "report.by-actors")
        minutes = [figure_text(value, 0) for value in (unit.receipt, unit.acceptance)]
        name = unit.name_zh if speaker.language == "zh-CN" else unit.name_en
        values = [name, by, str(unit.tasks), *minutes, str(unit.late)]
        rows.append(_row(heads, values, numbers_from=2))
    return _card(
        _el(head, speaker.say("report.units")),
        _el("p", speaker.say("report.units-note"), class_="quiet"),
        _el("table", _head(heads, numbers_from=2), _el("tbody", *rows), class_="tally"),
    )


def _coverage(speaker: Speaker, topics: Sequence[Topic], head: str = "h2") -> etree._Element:
    heads = [speaker.say(f"report.{name}") for name in ("topic", "reached", "missing")]
    rows = [_el("tr", *map(_cell, _covered(speaker, topic))) for topic in topics]
    table = _el("table", _head(heads), _el("tbody", *rows), class_="coverage")
    return _card(_el(head, speaker.say("report.coverage")), table)


def _covered(speaker: Speaker, topic: Topic) -> Iterator[Part]:
    reached = len(topic.all & topic.reached)
    # Drawn, not styled: the policy of our pages takes no style from an attribute.
    filled = _el("rect", width=f"{100 * reached / len(topic.all):.0f}", height="8")
    bar = _el(
        "svg", filled, class_="reach", viewBox="0 0 100 8", preserveAspectRatio="none",
        aria_hidden="true",
    )  # fmt: skip
    yield speaker.say(f"topic.{topic.name}")
    yield _el("span", f"{reached} / {len(topic.all)}", bar)
    yield _el("span", topic.missing_told or "–", class_="names")


def _picture(
    speaker: Speaker, flow: str, graph: Graph, reached: coverage.Elements
) -> etree._Element:
    def mine(topic: str) -> set[str]:
        pairs = (name.split(" ", 1) for name in reached.get(topic, ()))
        return {element for owner, element in pairs if owner == flow}

    said = {True: "report.legend-reached", False: "report.legend-missing"}
    title = speaker.say("report.picture", flow=flow)
    drawn = picture(
        graph, mine("nodes") | mine("ends"), mine("ways"), title=title, name=speaker.task,
        told=lambda is_reached: speaker.say(said[is_reached]),
    )  # fmt: skip
    head = _el("h2", title)
    if drawn is None:
        return _card(head, _el("p", speaker.say("report.no-picture")))
    legend = _el(
        "p",
        _el("span", _el("i"), f"{speaker.say(said[True])} ✓", class_="reached"),
        _el("span", _el("i"), speaker.say(said[False])),
        class_="legend",
    )
    return _card(head, legend, _el("div", drawn, class_="wide picture", tabindex="0"))


def _scenario(speaker: Speaker, one: Rehearsed) -> etree._Element:
    title = _el("h2", f"{speaker.title(one)} ", _verdict(speaker, one.held))
    path = _el("p", one.scenario.path, class_="quiet names")
    return _card(title, path, *_wishes(speaker, one), *_timeline(speaker, one))


def _wishes(speaker: Speaker, one: Rehearsed) -> Iterator[Part]:
    yield _el("h3", speaker.say("report.wishes"))
    if not one.wishes:
        yield _el("p", speaker.say("report.no-wishes"), class_="quiet")
        return
    told = []
    for wish in one.wishes:
        place = f"{speaker.say('report.line', line=one.line(wish))}, {speaker.moment(one, wish)}"
        found = f"{speaker.say('report.found')}: {speaker.found(wish)} · {place}"
        told.append(
            _el(
                "li",
                _verdict(speaker, wish.held),
                f" {speaker.wish(wish)}",
                _el("span", found, class_="found"),
                class_=_class(wish.held),
            )
        )
    yield _el("ul", *told, class_="wishes")


# Of a longer story one sees at first only that there is one.
_MOST_OPEN = 120


def _timeline(speaker: Speaker, one: Rehearsed) -> Iterator[Part]:
    told = []
    for entry in one.timeline:
        at = _el(
            "time", short_moment_text(entry.at, speaker.language), datetime=entry.at.isoformat()
        )
        told.append(_el("li", at, _entry(speaker, one, entry), class_=entry.what))
    head = _el("summary", _el("h3", speaker.say("report.timeline", count=len(told))))
    is_open = {"open": "open"} if len(told) <= _MOST_OPEN else {}
    yield _el("details", head, _el("ol", *told, class_="told"), **is_open)
    if one.cases_left_out:
        text = speaker.say("report.left-out", count=one.cases_left_out)
        yield _el("p", text, class_="quiet")


def _entry(speaker: Speaker, one: Rehearsed, entry: Entry) -> etree._Element:
    wish = one.wish_of(entry)
    if wish is None:
        return _el("span", speaker.entry(entry))
    text = f" {speaker.wish(wish)} → {speaker.found(wish)}"
    return _el("span", _verdict(speaker, wish.held), text)


def _title(package: Package, language: str) -> str:
    app = package.one("app")
    return package.id if app is None else app.data["title"]["zh" if language == "zh-CN" else "en"]


def _verdict(speaker: Speaker, held: bool) -> etree._Element:
    text = f"{_mark(held)} {speaker.say('held' if held else 'not-held')}"
    return _el("span", text, class_=f"verdict {_class(held)}")


def _mark(held: bool) -> str:
    return "✓" if held else "✗"


def _class(held: bool) -> str:
    return "held" if held else "failed"


def _card(*parts: Part) -> etree._Element:
    return _el("section", *parts, class_="card")


def _cell(value: Part) -> etree._Element:
    return _el("td", value)


def _row(heads: Sequence[str], values: Sequence[Part], *, numbers_from: int) -> etree._Element:
    """Return a row; its numbers say what they are where the head is not beside them."""
    cells = []
    for place, (head, value) in enumerate(zip(heads, values, strict=True)):
        number = {"class_": "number", "data_label": head} if place >= numbers_from else {}
        cells.append(_el("td", value, **number))
    return _el("tr", *cells)


def _head(names: Sequence[str], *, numbers_from: int = 99) -> etree._Element:
    cells = [
        _el("th", name, scope="col", **({"class_": "number"} if n >= numbers_from else {}))
        for n, name in enumerate(names)
    ]
    return _el("thead", _el("tr", *cells))


def _el(tag: str, *parts: Part, **attributes: str) -> etree._Element:
    """Return an element with its parts; text is text, whatever signs are in it."""
    given = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    element = etree.Element(tag, given)
    for part in parts:
        if part is None:
            continue
        if not isinstance(part, str):
            element.append(part)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + part
        else:
            element.text = (element.text or "") + part
    return element
