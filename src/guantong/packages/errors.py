"""Refusals of application packages; what is wrong inside one is no refusal but a finding."""

from guantong.base import words
from guantong.base.errors import GuantongError


class CannotRead(GuantongError):
    """The path of a package cannot be read at all; ``why`` names the reason."""

    code = "package-cannot-read"

    def __init__(self, *, path: str, why: str) -> None:
        super().__init__(path=path)
        self.why = why

    def sentence(self, language: str = "en") -> str:
        """Return which path cannot be used, why, and what to name instead."""
        why = words.say(f"package.why.{self.why}", language)
        return words.say(f"error.{self.code}", language, why=why, **self.facts)


class CannotWrite(CannotRead):
    """A folder cannot be written into; told as one that cannot be read is."""

    code = "package-cannot-write"


class BadPackageId(GuantongError):
    """A package was to be called by what is no id."""

    code = "package-bad-id"


class FolderTaken(GuantongError):
    """A new package was to be written where something is already."""

    code = "package-folder-taken"


class SettingsTaken(GuantongError):
    """Settings of an editor were to be written where others are already."""

    code = "package-settings-taken"


class ExerciseWithoutEnd(GuantongError):
    """An exercise went on and on: something in it is done, refused and done again for ever."""

    code = "exercise-without-end"


class UnknownScenario(GuantongError):
    """A package has no scenario of that name."""

    code = "unknown-scenario"


class ScenarioWithoutBeginning(GuantongError):
    """A scenario neither says when it begins nor has a row that does."""

    code = "scenario-without-beginning"
