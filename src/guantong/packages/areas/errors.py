"""Refusals of what an area would say differently of an application."""

from guantong.base import words
from guantong.base.errors import GuantongError
from guantong.packages.findings import Speaks


class EntryUnknown(GuantongError):
    """A word, form or field was named that is not there, or that areas cannot say differently."""

    code = "area-entry-unknown"


class WordRefused(GuantongError):
    """A text of an area that the package cannot show. ``why``: empty, long, places, sign."""

    code = "area-word-refused"

    def sentence(self, language: str = "en") -> str:
        """Return what was refused, and what to write instead."""
        why = words.say(f"area.word.{self.facts['why']}", language, **self.facts)
        return words.say(f"error.{self.code}", language, **{**self.facts, "why": why})


class FormChangeRefused(GuantongError):
    """A change of a form that the package does not bear; ``why`` names the rule."""

    code = "area-form-refused"

    def sentence(self, language: str = "en") -> str:
        """Return the rule that the change breaks."""
        why = words.say(f"area.form.{self.facts['why']}", language, **self.facts)
        return words.say(f"error.{self.code}", language, **{**self.facts, "why": why})


class UnsoundForArea(GuantongError):
    """With what the area would say, the doctor finds an error in the package."""

    code = "area-unsound"

    def __init__(self, *, finding: Speaks, path: str) -> None:
        super().__init__(path=path)
        self.finding = finding

    def sentence(self, language: str = "en") -> str:
        """Return what the doctor would find."""
        found = self.finding.sentence(language)
        return words.say(f"error.{self.code}", language, finding=found, **self.facts)


class NothingDifferent(GuantongError):
    """An area would say what holds there already."""

    code = "area-nothing-different"


class ApplicationMoved(GuantongError):
    """The application was brought to another release while somebody was writing."""

    code = "area-application-moved"
