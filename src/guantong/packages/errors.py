"""Refusals of application packages; what is wrong inside one is no refusal but a finding."""

from collections.abc import Sequence

from guantong.base import words
from guantong.base.errors import GuantongError
from guantong.packages.findings import Speaks


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


class MergeUndecided(GuantongError):
    """A release does not take what areas have set, and nobody has decided what becomes of it."""

    code = "application-merge-undecided"


class DecisionUnknown(GuantongError):
    """A decision is about nothing that is in conflict, or cannot be carried out."""

    code = "application-decision-unknown"


class ReleaseAltered(GuantongError):
    """The files of a release in the store are not those that were kept."""

    code = "application-release-altered"


class AlreadyInstalled(GuantongError):
    """The very release that is installed was to be installed."""

    code = "application-already-installed"


class PackageFileRefused(GuantongError):
    """A package file may not be installed here, whoever approves it; it says every reason."""

    code = "application-file-refused"

    def __init__(self, *, reasons: Sequence[Speaks], **facts: object) -> None:
        super().__init__(**facts)
        self.reasons = tuple(reasons)

    def sentence(self, language: str = "en") -> str:
        """Return what was refused, every reason, and what to do."""
        told = " ".join(reason.sentence(language) for reason in self.reasons)
        return words.say(f"error.{self.code}", language, reasons=told, **self.facts)


class ApprovalNeeded(PackageFileRefused):
    """Nobody known here answers for a package, and no named person has approved it."""

    code = "application-approval-needed"


class NotInstalled(GuantongError):
    """A package was to be withdrawn that is not installed."""

    code = "application-not-installed"


class NotNewer(GuantongError):
    """A release was to follow one that is as new, or newer."""

    code = "application-not-newer"


class VersionTaken(GuantongError):
    """Other files are known here under the same version."""

    code = "application-version-taken"


class ReleaseUnsound(GuantongError):
    """The doctor finds errors in a release that was to be installed."""

    code = "application-unsound"


class UnknownTable(GuantongError):
    """A decision table was named that the package does not have."""

    code = "rule-unknown"


class RuleTooEarly(GuantongError):
    """A version of a table was to hold from a day that is past."""

    code = "rule-too-early"


class RuleOwnDraft(GuantongError):
    """Somebody was to release a version at which that person wrote (promise P2)."""

    code = "rule-own-draft"


class RuleStateOver(GuantongError):
    """An act on a version of a table came after what it needs: it is released, over, withdrawn."""

    code = "rule-state-over"

    def __init__(self, *, act: str, state: str) -> None:
        super().__init__()
        self.act, self.state = act, state

    def sentence(self, language: str = "en") -> str:
        """Return what was not done, how the version stands, and what to do instead."""
        return words.say(
            f"error.{self.code}", language, act=words.say(f"rule.act.{self.act}", language),
            state=words.say(f"rule.over.{self.state}", language),
        )  # fmt: skip


class RuleUnsound(GuantongError):
    """A version was to be released in which the doctor finds errors."""

    code = "rule-unsound"


class RuleUnchanged(GuantongError):
    """A version was to be released that is the table that holds then, cell for cell."""

    code = "rule-unchanged"


class RuleBaseMoved(GuantongError):
    """The table that holds is another one than the draft was compared with."""

    code = "rule-base-moved"


class RuleDraftChanged(GuantongError):
    """A draft was saved over what somebody else had saved meanwhile."""

    code = "rule-draft-changed"


class RuleMergeUndecided(GuantongError):
    """A release changes tables of which versions hold here, and nobody has decided which stay."""

    code = "rule-merge-undecided"


class RuleDecisionUnknown(GuantongError):
    """A decision is about no table in conflict, or the version cannot be kept."""

    code = "rule-decision-unknown"


class RuleAltered(GuantongError):
    """The content of a version in the store is not what was kept."""

    code = "rule-altered"
