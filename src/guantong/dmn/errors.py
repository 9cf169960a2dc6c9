"""Refusals of decision files: which file or cell, why, and what to do."""

from guantong.base import words
from guantong.base.errors import GuantongError


class DmnUnreadable(GuantongError):
    """The bytes are no DMN file that could be read safely."""

    code = "dmn-unreadable"

    def __init__(self, problem: str, **facts: object) -> None:
        self.problem = problem
        super().__init__(**facts)

    def sentence(self, language: str = "en") -> str:
        """Return the problem and its remedy."""
        problem = words.say(f"dmn.problem.{self.problem}", language, **self.facts)
        return words.say(f"error.{self.code}", language, problem=problem)


class DmnUnsupported(GuantongError):
    """The file uses a part of the standard that is not built yet."""

    code = "dmn-unsupported"


class DmnReference(GuantongError):
    """A decision requires what the file does not hold, or requires itself."""

    code = "dmn-reference"


class DmnNoDecision(GuantongError):
    """The model has no decision of this name or id."""

    code = "dmn-no-decision"


class DmnFaulty(GuantongError):
    """A table was asked although one of its cells cannot be read."""

    code = "dmn-faulty"

    def __init__(self, *, cause: GuantongError, **facts: object) -> None:
        self.cause = cause
        super().__init__(**facts)

    def sentence(self, language: str = "en") -> str:
        """Return the cell and what is wrong in it."""
        cause = self.cause.sentence(language)
        return words.say(f"error.{self.code}", language, cause=cause, **self.facts)


class DmnColumn(GuantongError):
    """The answers of a decision for many records make no column of one type."""

    code = "dmn-column"
