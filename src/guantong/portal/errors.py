"""What the pages themselves refuse; what a kernel package refuses says its own sentence."""

from guantong.base.errors import GuantongError


class ExerciseHasItsOwnInput(GuantongError):
    """A batch was to be landed in an exercise, whose input is fixed when it begins."""

    code = "exercise-has-its-own-input"


class DatasetIsDerived(GuantongError):
    """A batch was to be landed in a dataset that is made from others."""

    code = "dataset-is-derived"


class NotAValue(GuantongError):
    """A field of a question to a decision table holds what its type cannot be."""

    code = "rules-not-a-value"


class TableTooWide(GuantongError):
    """A form brought more cells, or other rows, than the table it is about."""

    code = "rules-form-broken"
