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
        cause = self.facts.get("cause")
        told = {"cause": cause.sentence(language)} if isinstance(cause, GuantongError) else {}
        problem = words.say(f"dmn.problem.{self.problem}", language, **{**self.facts, **told})
        return words.say(f"error.{self.code}", language, problem=problem)


class DmnUnsupported(GuantongError):
    """The file uses a part of the standard that this engine does not carry out."""

    code = "dmn-unsupported"


class DmnReference(GuantongError):
    """A decision requires what the file does not hold, or requires itself."""

    code = "dmn-reference"


class DmnAmbiguous(GuantongError):
    """One name stands for two things."""

    code = "dmn-ambiguous"


class DmnImport(GuantongError):
    """A file that is imported is not at hand, is another one, or imports the first in turn."""

    code = "dmn-import"

    def __init__(self, problem: str, **facts: object) -> None:
        self.problem = problem
        super().__init__(**facts)

    def sentence(self, language: str = "en") -> str:
        """Return which file was wanted, what is wrong with it, and the remedy."""
        problem = words.say(f"dmn.import.{self.problem}", language, **self.facts)
        return words.say(f"error.{self.code}", language, problem=problem, **self.facts)


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
        # Outside of the rows there is no number to tell: an expression, the head of a column.
        key = f"error.{self.code}" if self.facts["rule"] else "dmn.faulty-head"
        return words.say(key, language, cause=cause, **self.facts)


class DmnColumn(GuantongError):
    """The answers of a decision for many records make no column of one type."""

    code = "dmn-column"
