"""Refusals of ``guantong.orgs``; their sentences are in ``messages/``."""

from guantong.base.errors import GuantongError


class NotARole(GuantongError):
    """A text that should be ``line@tier`` is not."""

    code = "role-form"


class UnknownLine(GuantongError):
    """A role names a line that this province does not have."""

    code = "line-unknown"


class UnknownTier(GuantongError):
    """A role names a tier that does not exist."""

    code = "tier-unknown"


class UnknownUnit(GuantongError):
    """No unit of that code is open on that day."""

    code = "unit-unknown"


class MergedIntoItself(GuantongError):
    """A unit was told to merge into itself."""

    code = "unit-merged-into-itself"


class DayBeforeFounding(GuantongError):
    """A change of a unit was dated on or before the day the unit was founded or last named."""

    code = "unit-day-before-founding"


class UnknownPlace(GuantongError):
    """A division code that this province does not have."""

    code = "place-unknown"


class CodeTaken(GuantongError):
    """A new unit was given a code that another unit has, or had."""

    code = "unit-code-taken"


class NothingToTake(GuantongError):
    """A unit was to be split, but the new one takes nothing that the old one answers for."""

    code = "unit-nothing-to-take"


class NumberTaken(GuantongError):
    """A new person was given a number that somebody has."""

    code = "person-number-taken"


class PostFilled(GuantongError):
    """A post for one person was to be given to a second one for the same time."""

    code = "post-filled"


class AlreadyHeld(GuantongError):
    """A person was to get a post that the person holds in that time."""

    code = "post-already-held"


class EndBeforeBeginning(GuantongError):
    """Something was to end on or before the day it begins."""

    code = "end-before-beginning"


class ActingNeedsEnd(GuantongError):
    """A person was to act in a post without an end."""

    code = "acting-needs-end"


class AlreadyEnded(GuantongError):
    """An appointment or a delegation was to end that has ended before that day."""

    code = "appointment-ended"


class TooLateToUndo(GuantongError):
    """An appointment was to be undone more than a day after it was made."""

    code = "appointment-too-late-to-undo"


class UnknownPerson(GuantongError):
    """No person has that id or number."""

    code = "person-unknown"


class UnknownPost(GuantongError):
    """A post code that there is not."""

    code = "post-unknown"


class DelegatedToOneself(GuantongError):
    """Somebody wanted to delegate a post to himself."""

    code = "delegation-to-oneself"


class NotOnesPost(GuantongError):
    """Somebody wanted to delegate a post that he does not hold; a delegated post is not held."""

    code = "delegation-not-held"


class DelegateWithoutPost(GuantongError):
    """A post was to be delegated to somebody who holds none."""

    code = "delegation-to-outsider"


class DelegationTooLong(GuantongError):
    """A delegation was to last longer than the post is held, or longer than a year."""

    code = "delegation-too-long"


class DelegatedAlready(GuantongError):
    """The same post is delegated to the same person for a part of that time."""

    code = "delegation-already"


class WrongIdentity(GuantongError):
    """A number of identity whose form or check digit is wrong. The number itself is never said."""

    code = "identity-wrong"


class WrongMobile(GuantongError):
    """A mobile number whose form is wrong."""

    code = "mobile-wrong"


class WrongUscc(GuantongError):
    """A uscc whose form or check digit is wrong."""

    code = "uscc-wrong"


class EmptyField(GuantongError):
    """A field that must be filled was left empty."""

    code = "field-empty"


class WrongKey(GuantongError):
    """A public key that is not 32 bytes of base64."""

    code = "public-key-wrong"


class SheetRefused(GuantongError):
    """A file that cannot be imported at all: its kind, its size, or nothing in it."""

    code = "sheet-refused"

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason=reason, **facts)
        self.reason = reason
        # Each kind of fault has a sentence of its own.
        self.code = f"sheet-{reason}"


class PlanNotOpen(GuantongError):
    """An import plan was to be changed or applied that was applied or dropped already."""

    code = "import-plan-not-open"


class PlanInDoubt(GuantongError):
    """An import plan was to be applied while rows of it are in doubt."""

    code = "import-plan-in-doubt"


class ChainLinkUnknown(GuantongError):
    """A fallback chain names something that is neither a line nor a link."""

    code = "chain-link-unknown"


class ChainNotSensible(GuantongError):
    """A fallback chain is empty, names a link twice, itself, or something behind a gap."""

    code = "chain-empty"

    def __init__(self, reason: str, **facts: object) -> None:
        super().__init__(reason=reason, **facts)
        self.code = f"chain-{reason.replace('_', '-')}"


class ChainGoesInARing(GuantongError):
    """Lines would carry each other's duty in a ring, so that nobody would have it."""

    code = "chain-ring"

    def __init__(self, *, lines: tuple[str, ...], area: str, on: object) -> None:
        super().__init__(way=" → ".join(lines), area=area, on=on)


class ChainDayTaken(GuantongError):
    """A chain was to be declared from a day on or before which a later one begins already."""

    code = "chain-day-taken"


class SwapNotPossible(GuantongError):
    """Two shifts were to be swapped that cannot be: begun, gone, of one person, not one's own."""

    code = "swap-gone"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.code = f"swap-{reason.replace('_', '-')}"
