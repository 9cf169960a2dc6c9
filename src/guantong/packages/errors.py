"""Refusals of application packages; what is wrong inside one is no refusal but a finding."""

from guantong.base import words
from guantong.base.errors import GuantongError


class CannotRead(GuantongError):
    """The path of a package cannot be read at all."""

    code = "package-cannot-read"

    def __init__(self, *, path: str, why: str) -> None:
        super().__init__(path=path)
        self.why = why

    def sentence(self, language: str = "en") -> str:
        """Return which path cannot be read, why, and what to name instead."""
        why = words.say(f"package.why.{self.why}", language)
        return words.say(f"error.{self.code}", language, why=why, **self.facts)
