"""The one shape of an intended refusal: what was refused, why, and what to do next.

A refusal is a class with a stable ``code``; its sentence lives in the ``messages/`` folder
of the package that refuses, in Chinese and in English, so that a page, the command line and
a log say the same thing. Values are quoted in the sentence and are never personal data.
"""

from guantong.base import words


class GuantongError(Exception):
    """An intended refusal. ``facts`` fill the places of its sentence."""

    code: str = "refused"

    def __init__(self, **facts: object) -> None:
        super().__init__()
        self.facts = facts

    def sentence(self, language: str = "en") -> str:
        """Return what was refused, why and what to do next, in ``zh-CN`` or ``en``."""
        return words.say(f"error.{self.code}", language, **self.facts)

    def __str__(self) -> str:
        return self.sentence("en")


class NotFound(GuantongError):
    """The thing asked for does not exist, or does not exist in this realm."""

    code = "not-found"
