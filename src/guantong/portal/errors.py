"""What the pages themselves refuse; what a kernel package refuses says its own sentence."""

from guantong.base.errors import GuantongError


class ExerciseHasItsOwnInput(GuantongError):
    """A batch was to be landed in an exercise, whose input is fixed when it begins."""

    code = "exercise-has-its-own-input"


class DatasetIsDerived(GuantongError):
    """A batch was to be landed in a dataset that is made from others."""

    code = "dataset-is-derived"
