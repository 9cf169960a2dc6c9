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


class SignInWrong(GuantongError):
    """The account or the password is not right; which of them is nobody's business."""

    code = "sign-in-wrong"


class LockedOut(GuantongError):
    """Too many failures for one account, or from one address, within a quarter of an hour."""

    code = "sign-in-locked"


class AccountClosed(GuantongError):
    """The account was closed; only who knows its password is told."""

    code = "account-closed"


class AccountNotThere(GuantongError):
    """This person has no account yet."""

    code = "account-not-there"


class CodeRefused(GuantongError):
    """An activation code is wrong, used, or too old."""

    code = "code-refused"


class SecondFactorWrong(GuantongError):
    """A code of the second factor is wrong, too old, or was used before."""

    code = "second-factor-wrong"


class SecondFactorNeeded(GuantongError):
    """The last second factor of somebody who must have one is not taken away."""

    code = "second-factor-needed"


class NotAName(GuantongError):
    """What was given cannot be the name of an account."""

    code = "account-not-a-name"


class NameTaken(GuantongError):
    """Another account has this name."""

    code = "account-name-taken"


class PasskeyRefused(GuantongError):
    """A passkey did not answer the question it was asked, or belongs to no account here."""

    code = "passkey-refused"


class ProviderRefused(GuantongError):
    """The outside provider's answer cannot be believed; ``why`` names the check it failed."""

    code = "provider-refused"


class Stranger(GuantongError):
    """The outside provider knows who this is, and we do not."""

    code = "provider-stranger"


class ApplicationNotThere(GuantongError):
    """No open application of a citizen has this number."""

    code = "citizen-application-not-there"


class NotAPurpose(GuantongError):
    """A purpose was given that nobody declared."""

    code = "access-purpose"


class ReasonMissing(GuantongError):
    """A request to see sealed fields says nothing, or far too much."""

    code = "access-reason"


class AskedAlready(GuantongError):
    """The same person asked for the same record and purpose before, and waits for the answer."""

    code = "access-asked"


class NotOpen(GuantongError):
    """A request was answered or taken back meanwhile."""

    code = "access-not-open"


class MobileTaken(GuantongError):
    """Another citizen's account is signed in to with this mobile number."""

    code = "citizen-mobile-taken"


class ResidenceCodeRefused(GuantongError):
    """A code that should tie a record to this citizen is wrong, used, too old, or for another."""

    code = "residence-code-refused"


class ContestedAlready(GuantongError):
    """The same look was contested before."""

    code = "look-contested"


class AnsweredAlready(GuantongError):
    """A contest was answered meanwhile."""

    code = "contest-answered"


class FirstAdministratorThere(GuantongError):
    """The platform has an administrator already, who appoints the others."""

    code = "first-administrator-there"


class KeyWrongly(GuantongError):
    """An access key was asked for with a field that cannot be meant; ``field`` names it."""

    code = "key-wrongly"


class KeyTooMany(GuantongError):
    """An account holds as many access keys as it may."""

    code = "key-too-many"


class KeyNotThere(GuantongError):
    """No access key of this account has that number."""

    code = "key-not-there"


class KeyEnded(GuantongError):
    """What was shown is no access key, or one that has ended; which, is nobody's business."""

    code = "key-ended"


class KeyReadsOnly(GuantongError):
    """An access key that was made to read was used to act."""

    code = "key-reads-only"


class KeyTooOften(GuantongError):
    """More requests came with one access key within a minute than it has."""

    code = "key-too-often"


class TokenReused(GuantongError):
    """An idempotency key was sent again with another request."""

    code = "token-reused"
