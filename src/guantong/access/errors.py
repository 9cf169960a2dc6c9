"""The refusal as an exception, for those who ask and go on only when allowed."""

from typing import TYPE_CHECKING

from guantong.base.errors import GuantongError

if TYPE_CHECKING:
    from guantong.access.decision import Decision


class Refused(GuantongError):
    """Access was refused; the decision says why, and whoever catches this records it."""

    code = "access-refused"

    def __init__(self, decision: "Decision") -> None:
        super().__init__(reason=decision.reason)
        self.decision = decision

    def sentence(self, language: str = "en") -> str:
        """Return the decision's own sentence."""
        return self.decision.sentence(language)


class NotFounded(GuantongError):
    """Accounts were asked for before there were people to hold them."""

    code = "access-no-people"
