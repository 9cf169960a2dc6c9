"""Refusals of the process engine: files it will not read, steps it will not take."""

from guantong.base.errors import GuantongError


class BpmnRefused(GuantongError):
    """A process file that cannot be read; the parent of every refusal at load."""

    code = "bpmn-refused"


class NotXml(BpmnRefused):
    """The file is no well-formed XML."""

    code = "bpmn-not-xml"


class TooLarge(BpmnRefused):
    """The file is larger than any process people can read."""

    code = "bpmn-too-large"


class HasDoctype(BpmnRefused):
    """The file declares a document type, the door to entity bombs and foreign files."""

    code = "bpmn-has-doctype"


class NotBpmn(BpmnRefused):
    """The file is XML of another kind."""

    code = "bpmn-not-bpmn"


class NotOneProcess(BpmnRefused):
    """The file holds no executable process, or more than one."""

    code = "bpmn-not-one-process"


class IdMissing(BpmnRefused):
    """An element that others must name has no id."""

    code = "bpmn-id-missing"


class BpmnUnsupported(BpmnRefused):
    """The file asks for something this engine does not do; it is never ignored in silence."""

    code = "bpmn-unsupported"


class BadValue(BpmnRefused):
    """A value in the file cannot be read as what its place needs."""

    code = "bpmn-bad-value"


class ConditionUnreadable(BpmnRefused):
    """The condition of a sequence flow is not FEEL. ``cause`` says what is wrong in it."""

    code = "bpmn-condition-unreadable"

    def __init__(self, *, cause: GuantongError, **facts: object) -> None:
        super().__init__(**facts)
        self.cause = cause

    def sentence(self, language: str = "en") -> str:
        """Return the refusal with the reason that FEEL gives, both in one language."""
        return f"{super().sentence(language)} {self.cause.sentence(language)}"


class NotRunnable(GuantongError):
    """The graph has faults that leave its meaning open, so no case may start on it."""

    code = "bpmn-not-runnable"


class TokenGone(GuantongError):
    """The token is not waiting any more: its step was done, or was cancelled, meanwhile."""

    code = "bpmn-token-gone"


class TimerGone(TokenGone):
    """The boundary timer is not running any more: it fired, or its task ended, meanwhile."""

    code = "bpmn-timer-gone"


class OtherGraph(GuantongError):
    """The state names a node that this version of the process does not have."""

    code = "bpmn-other-graph"


class NoWayOn(GuantongError):
    """No condition of an exclusive gateway holds, and it has no default flow."""

    code = "bpmn-no-way-on"


class LoopsForever(GuantongError):
    """A step goes round without ever coming to a wait or an end."""

    code = "bpmn-loops-forever"
