"""What decision tables, their columns, rows and values are called, and how a version stands."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from guantong.base.reading import moment_text
from guantong.base.words import say
from guantong.packages import api as packages
from guantong.packages.api import Column, Package, Row, Sheet, Version
from guantong.portal.application_words import Names
from guantong.portal.people_words import day_text

# How a version stands, and the light that goes with it.
LIGHTS = {
    "holds": "green",
    "coming": "blue",
    "draft": "yellow",
    "over": "grey",
    "withdrawn": "grey",
}


class RuleWords:
    """The words of one package's tables in one language."""

    def __init__(self, package: Package, language: str) -> None:
        self.package, self.language = package, language
        self._words = package.words(language)
        self._own = dict(_called(package))

    def say(self, key: str, **facts: object) -> str:
        """Return a word of these pages."""
        return say(key, self.language, **facts)

    def named(self, id: str, otherwise: str) -> str:
        """Return what an element of a table is called; what the file calls it without a word.

        The word stands for what the package's own file says: where a version says something else,
        the version is shown.
        """
        word = self._words.get(f"rule.{id}")
        return str(word) if word and self._own.get(id, otherwise) == otherwise else otherwise

    def table(self, path: str) -> str:
        """Return what a file of decisions is called."""
        stem = PurePosixPath(path).stem
        return self.named(stem, stem)

    def column(self, column: Column) -> str:
        """Return what a column is called."""
        otherwise = column.label
        if column.role == "note":
            otherwise = self.say("rules.basis")
        elif column.role == "output" and not column.label:
            otherwise = self.say("rules.answer")
        return self.named(column.id, otherwise)

    def type(self, name: str) -> str:
        """Return the type of a column in words; a type the package declares by its name."""
        key = _TYPES.get(name.removeprefix("feel:"))
        return self.say(f"rules.type_{key}") if key else name

    def value(self, text: str) -> str:
        """Return what a text in quotes is called, such as a level; nothing for other texts."""
        plain = text.strip()
        if len(plain) > 1 and plain[0] == plain[-1] == '"' and '"' not in plain[1:-1]:
            return str(self._words.get(f"value.{plain[1:-1]}", ""))
        return ""

    def note(self, row: Row, text: str) -> str:
        """Return the remark of a row: the word of the package, else what the file says."""
        return self.named(row.id, text)

    def labels(self, sheets: Iterable[Sheet]) -> Mapping[str, str]:
        """Return the words by which an answer is explained: of elements by id, and of values."""
        values = (key for key in self._words if key.startswith("value."))
        found = {key.removeprefix("value."): str(self._words[key]) for key in values}
        for sheet in sheets:
            found[sheet.decision] = self.named(sheet.decision, sheet.name)
            for column in sheet.columns:
                if column.role != "note":
                    found |= {column.id: self.column(column), column.label: self.column(column)}
            place = next(n for n, c in enumerate(sheet.columns) if c.role == "note")
            for row in sheet.rows:
                if (word := self.named(row.id, row.cells[place])) != row.cells[place]:
                    found[row.id] = word
        return found


def _called(package: Package) -> Iterator[tuple[str, str]]:
    """Yield what the package's own files call their decisions, columns and rows, by id."""
    for document in package.each("rules"):
        yield document.stem, document.stem
        for sheet in packages.sheets(document.content).values():
            yield sheet.decision, sheet.name
            yield from ((column.id, column.label) for column in sheet.columns)
            place = next(n for n, c in enumerate(sheet.columns) if c.role == "note")
            yield from ((row.id, row.cells[place]) for row in sheet.rows)


_TYPES = {
    "number": "number", "string": "string", "boolean": "boolean", "date": "date", "time": "time",
    "dateTime": "moment", "date and time": "moment", "dayTimeDuration": "length",
    "days and time duration": "length", "yearMonthDuration": "length",
    "years and months duration": "length", "duration": "length",
}  # fmt: skip


def state_of(version: Version, versions: Sequence[Version], at: datetime) -> str:
    """Return how a version stands at a moment: a key of ``LIGHTS``."""
    if version.state != packages.RELEASED:
        return "draft" if version.state == packages.DRAFT else "withdrawn"
    if version.holds_later(at):
        return "coming"
    order = [v for v in packages.released_in_order(versions) if not v.holds_later(at)]
    return "holds" if order and order[-1] == version else "over"


def version_sentence(
    version: Version, versions: Sequence[Version], at: datetime, names: Names, language: str
) -> str:
    """Say what a version is: since when it holds, who wrote and released it, or how it ended."""
    state = state_of(version, versions, at)
    until = packages.holds_until(versions, version)
    return say(
        f"rules.is_{'given_back' if version.own_file and state in ('holds', 'over') else state}",
        language,
        since=moment_text(version.begins_at, language),
        until=moment_text(until, language) if until is not None else "",
        day=day_text(version.from_day, language), by=names.who(version.by),
        released=names.who(version.released_by), ended=names.who(version.ended_by),
        at=moment_text(version.ended_at or version.changed_at, language),
    )  # fmt: skip
