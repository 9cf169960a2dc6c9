"""Does every text people read exist in both languages, with the same places?

A page that shows a key instead of a word tells an officer nothing, and a place that one
language lacks hides a value from half the readers. Steps of a process are named
``node.<id>``, ways out of a gateway ``flow.<id>``, values to choose ``value.<value>``, units
of figures ``unit.<unit>``, registered objects ``object.<name>``; decisions, columns and rows of
tables ``rule.<id>``, where the package has words for them. Goals, tasks and units of
work are named by the titles of ``vmodel.yaml``.
"""

from collections.abc import Iterator
from typing import NamedTuple

from guantong.bpmn.api import Kind
from guantong.packages.doctor.known import NO_LEVEL
from guantong.packages.doctor.report import Report, line_of
from guantong.packages.doctor.statements import answered_columns
from guantong.packages.doctor.subject import Subject, choices, columns, custom
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.kinds.known import KINDS
from guantong.packages.sql import EVIDENCE, IndicatorSql
from guantong.packages.tables.sheet import sheets
from guantong.packages.wording import places as places_of

_REPORT = Report("words")
_LANGUAGES = ("zh-CN", "en")
# The places that pages fill; a word of another key is said as it stands.
_FILLED = {"replay.title": frozenset({"track"})}


class Needed(NamedTuple):
    """A key that some file needs, and where."""

    key: str
    document: Document
    line: int


def check(subject: Subject) -> Iterator[Finding]:
    """Yield words that are missing, that differ in their places, or that nobody uses."""
    files = {
        language: subject.package.documents.get(f"messages/{language}.yaml")
        for language in _LANGUAGES
    }
    words = {language: subject.package.words(language) for language in _LANGUAGES}
    needed = list(_needed(subject))
    told: set[str] = set()
    for key, where, line in needed:
        for language in _LANGUAGES:
            if key not in words[language] and key not in told and files[language] is not None:
                yield _REPORT.error(where, "missing", at=line, key=key, language=language)
        told.add(key)
    whole = subject.whole(*(kind.name for kind in KINDS if kind.name != "samples"))
    used = {key for key, _, _ in needed} | _optional(subject)
    for language, other in (_LANGUAGES, _LANGUAGES[::-1]):
        document = files[language]
        if document is None:
            continue
        for key, text in words[language].items():
            places, others = places_of(str(text)), places_of(str(words[other].get(key, text)))
            if places is None:
                yield _REPORT.error(document, "braces", key, key=key)
            elif key not in words[other] and key not in told and files[other] is not None:
                yield _REPORT.error(document, "one-language", key, key=key, language=other)
            elif language == _LANGUAGES[0] and others is not None and places != others:
                yield _REPORT.error(
                    document, "places", key, key=key,
                    here=", ".join(sorted(places)) or "-", there=", ".join(sorted(others)) or "-",
                )  # fmt: skip
            elif places is not None:
                yield from _unfilled(subject, document, key, places)
            if whole and key not in used and language == _LANGUAGES[0]:
                yield _REPORT.warning(document, "unused", key, key=key)


def _unfilled(
    subject: Subject, document: Document, key: str, places: frozenset[str]
) -> Iterator[Finding]:
    """Yield a place that nobody fills: saying the word would break the page."""
    if key == "case.title":
        return  # every place is filled with what the case is about
    filled = _FILLED.get(key, frozenset())
    if key.startswith("matter."):
        named = [s for s in subject.package.each("signals") if s.stem == key.partition(".")[2]]
        told = [s.data["same_matter"] for s in named if s.path not in subject.unsound]
        if not told:
            return
        filled = frozenset(name for names in told for name in names)
    for name in sorted(places - filled):
        yield _REPORT.error(document, "unfilled", key, key=key, name=name)


def _needed(subject: Subject) -> Iterator[Needed]:
    yield from _of_signals(subject)
    yield from _of_flows(subject)
    yield from _of_forms(subject)
    for document in subject.each("plans"):
        yield Needed(document.data["title"], document, document.line("title"))
        for place, item in enumerate(document.data["items"]):
            yield Needed(item["title"], document, document.line("items", place, "title"))
    for document in subject.each("indicators"):
        for key in ("title", "meaning"):
            yield Needed(document.data[key], document, document.line(key))
        yield Needed(f"unit.{document.data['unit']}", document, document.line("unit"))
    for document in subject.each("indexes"):
        for key in ("title", "meaning"):
            yield Needed(document.data[key], document, document.line(key))
    for document in subject.each("objects"):
        yield Needed(f"object.{document.stem}", document, document.line("id"))
    for document in subject.each("pages"):
        yield Needed(document.data["title"], document, document.line("title"))
        if league := document.data.get("league"):
            yield Needed(league["title"], document, document.line("league", "title"))
    for document in subject.each("roles"):
        for id, role in document.data.items():
            yield Needed(role["title"], document, document.line(id, "title"))
    for document in subject.each("replay"):
        yield Needed(document.data["title"], document, document.line("title"))
    yield from _of_scenarios(subject)
    yield from _of_vmodel(subject)


def _of_signals(subject: Subject) -> Iterator[Needed]:
    for document in subject.each("signals"):
        yield Needed(document.data["title"], document, document.line("title"))
        yield Needed(f"matter.{document.stem}", document, document.line("same_matter"))
        yield Needed("case.title", document, document.line("opens"))
        for place, level in enumerate(document.data["levels"]):
            yield Needed(f"value.{level}", document, document.line("levels", place))
        yield Needed(f"value.{NO_LEVEL}", document, document.line("levels"))
        for place, answer in enumerate(document.data["feedback"]):
            yield Needed(f"value.{answer}", document, document.line("feedback", place))


def _of_flows(subject: Subject) -> Iterator[Needed]:
    for document, graph in subject.flows.values():
        for start in graph.starts:
            if start.form is not None:
                yield Needed("case.title", document, line_of(document, f'id="{start.id}"'))
        for node in graph.nodes.values():
            yield Needed(f"node.{node.id}", document, line_of(document, f'id="{node.id}"'))
            asks = node.kind is Kind.EXCLUSIVE and len(node.outgoing) > 1
            for flow in node.outgoing:
                if asks or flow.name or flow.condition is not None:
                    at = line_of(document, f'id="{flow.id}"')
                    yield Needed(f"flow.{flow.id}", document, at)


def _of_forms(subject: Subject) -> Iterator[Needed]:
    for document in subject.each("forms"):
        yield Needed(document.data["title"], document, document.line("title"))
        fields = document.data["schema"]["properties"]
        for place, question in enumerate(document.data["layout"]):
            for key in ("label", "hint"):
                if key in question:
                    yield Needed(question[key], document, document.line("layout", place, key))
            for value in fields.get(question["field"], {}).get("enum", []):
                line = document.line("schema", "properties", question["field"], "enum")
                yield Needed(f"value.{value}", document, line)


def _of_scenarios(subject: Subject) -> Iterator[Needed]:
    for document in subject.each("scenarios"):
        yield Needed(document.data["scenario"], document, document.line("scenario"))
        for place, event in enumerate(document.data.get("when", [])):
            for name, text in event.get("open", {}).get("answers", {}).items():
                if not text.startswith("="):
                    line = document.line("when", place, "open", "answers", name)
                    yield Needed(text, document, line)
        for place, actor in enumerate(document.data["actors"]):
            for name, text in actor.get("answers", {}).items():
                if not text.startswith("="):
                    line = document.line("actors", place, "answers", name)
                    yield Needed(text, document, line)
            if refuses := actor.get("refuse"):
                yield Needed(refuses["why"], document, document.line("actors", place, "refuse"))
        for place, entry in enumerate(document.data.get("when", [])):
            act = entry.get("act", {})
            texts = [act[key] for key in ("why",) if key in act]
            texts += [text for text in act.get("answers", {}).values() if not text.startswith("=")]
            for text in texts:
                yield Needed(text, document, document.line("when", place, "act"))


def _of_vmodel(subject: Subject) -> Iterator[Needed]:
    for document in subject.each("vmodel"):
        for place, goal in enumerate(document.data["goals"]):
            yield Needed(goal["title"], document, document.line("goals", place, "title"))
        for place, task in enumerate(document.data["tasks"]):
            yield Needed(task["title"], document, document.line("tasks", place, "title"))
            for number, unit in enumerate(task["units"]):
                line = document.line("tasks", place, "units", number, "title")
                yield Needed(unit["title"], document, line)
                for at, need in enumerate(unit["needs"]):
                    if "title" in need:
                        keys = ("tasks", place, "units", number, "needs", at, "title")
                        yield Needed(need["title"], document, document.line(*keys))


def _optional(subject: Subject) -> set[str]:
    """Return keys that pages show where they exist: what an object is, and its values."""
    found = {
        # A choice may be called otherwise in one field than its value is elsewhere.
        option.label
        for form in subject.forms.values()
        for field in form.fields
        for option in field.options
    }
    parameters = subject.one("parameters")
    found |= {f"parameter.{name}" for name in (parameters.data if parameters is not None else {})}
    found |= set(_of_tables(subject))
    for document in subject.each("figures"):
        figure: IndicatorSql | None = subject.compiled(document)
        if figure is not None and not figure.faults:
            # What the columns of the rows behind a figure are called.
            names = answered_columns(figure.figure, EVIDENCE)
            found |= {f"column.{name}" for name in names}
    for document in subject.each("objects"):
        if custom(document).get("invented"):
            found.add(f"object.{document.stem}.invented")
        for name, column in columns(document).items():
            found.add(f"column.{document.stem}.{name}")
            # A column ``risk_kind`` calls its values ``risk.<value>``: they are shared by objects.
            stem = name.removesuffix("_kind")
            found |= {f"{kind}.{v}" for v in choices(column) for kind in ("value", stem)}
    return found


def _of_tables(subject: Subject) -> Iterator[str]:
    """Yield what decisions, columns and rows of tables may be called: ``rule.<id>``."""
    for document in subject.each("rules"):
        if subject.refusal(document) is not None:
            continue
        yield f"rule.{document.stem}"
        for sheet in sheets(document.content).values():
            yield f"rule.{sheet.decision}"
            yield from (f"rule.{column.id}" for column in sheet.columns)
            yield from (f"rule.{row.id}" for row in sheet.rows)
