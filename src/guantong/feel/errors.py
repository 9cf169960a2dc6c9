"""Refusals of FEEL: where in the text, what was found there, and what to write instead."""

from guantong.base import words
from guantong.base.errors import GuantongError


class FeelSyntax(GuantongError):
    """A text is not FEEL, is too long or too deep, or uses what is not built yet."""

    code = "feel-syntax"

    def __init__(self, problem: str, *, text: str, at: int, **facts: object) -> None:
        before = text[:at]
        self.problem = problem
        self.line = before.count("\n") + 1
        self.column = at - (before.rfind("\n") + 1) + 1
        self.problem_facts = facts
        super().__init__(line=self.line, column=self.column, text=excerpt(text))

    def sentence(self, language: str = "en") -> str:
        """Return place, problem and remedy in one sentence."""
        problem = words.say(f"feel.problem.{self.problem}", language, **self.problem_facts)
        return words.say(f"error.{self.code}", language, problem=problem, **self.facts)


class FeelTooMuch(GuantongError):
    """An expression asks for more work than any rule needs."""

    code = "feel-too-much"


class FeelInput(GuantongError):
    """A value handed to an expression is of a Python type that FEEL does not know."""

    code = "feel-input"


def excerpt(text: str, limit: int = 60) -> str:
    """Return the text in one line, cut so that a refusal stays readable."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
