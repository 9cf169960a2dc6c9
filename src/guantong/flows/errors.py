"""What flows refuses, each with a code; the sentences stand in ``messages/``."""

from guantong.base.errors import GuantongError


class NotInThatState(GuantongError):
    """A verb was tried on a task whose state does not allow it."""

    code = "task-not-in-that-state"


class SamePerson(GuantongError):
    """Somebody tried to accept his own work, or a matter he found himself."""

    code = "task-same-person"


class SentBackTooOften(GuantongError):
    """A task was to be sent back a third time."""

    code = "task-sent-back-too-often"


class StepStays(GuantongError):
    """A step of a process was to be sent back; only tasks of a plan can be."""

    code = "task-step-stays"


class NobodyResponsible(GuantongError):
    """A role could not be resolved to a unit at a place."""

    code = "nobody-responsible"


class LineNotNamed(GuantongError):
    """A step goes to the line its case names, and the case names none."""

    code = "line-not-named"


class MatterOpen(GuantongError):
    """Somebody opens a case of a matter that has an open one already."""

    code = "matter-open"


class NoCaseToFollow(GuantongError):
    """A case is to follow another one, and none has that number."""

    code = "no-case-to-follow"


class AnswersIncomplete(GuantongError):
    """A step was reported done without the answers its form asks for."""

    code = "answers-incomplete"


class ProcessGone(GuantongError):
    """A case is to go on by a process that no installed package brings."""

    code = "process-gone"


class CaseMoveFailed(GuantongError):
    """A case could not go over to another release, for a reason nobody foresaw."""

    code = "case-move-failed"
