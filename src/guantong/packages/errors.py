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


class UnknownParameter(GuantongError):
    """A parameter was named that the package does not declare."""

    code = "parameter-unknown"


class UnknownArea(GuantongError):
    """A value was to hold in an area that nobody knows."""

    code = "parameter-area-unknown"


class ParameterOutsideRange(GuantongError):
    """A value was given that is no number, or outside the range of its parameter."""

    code = "parameter-outside-range"


class ParameterTooEarly(GuantongError):
    """A value was to hold from a day that is past: what was decided by then stays as it was."""

    code = "parameter-too-early"


class ParameterSpanEmpty(GuantongError):
    """A value was to end before it begins."""

    code = "parameter-span-empty"


class ParameterReasonMissing(GuantongError):
    """A value was set or taken back without saying why."""

    code = "parameter-reason-missing"
