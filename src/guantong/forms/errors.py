"""Refusals of form files; what a person enters wrongly is no refusal but a ``FieldError``."""

from guantong.base.errors import GuantongError


class FormRefused(GuantongError):
    """A form file that cannot be used; the parent of every refusal here."""

    code = "form-refused"


class UnknownKey(FormRefused):
    """A key that forms do not have. The nearest one they do have is named."""

    code = "form-unknown-key"


class KeyMissing(FormRefused):
    """A key without which the form means nothing."""

    code = "form-key-missing"


class WrongValue(FormRefused):
    """A value of another kind than its place needs."""

    code = "form-wrong-value"


class FieldUnknown(FormRefused):
    """The layout, or the list of required fields, names a field that the schema does not have."""

    code = "form-field-unknown"


class FieldNotPlaced(FormRefused):
    """A field of the schema stands nowhere in the layout, or more than once."""

    code = "form-field-not-placed"


class WidgetUnfit(FormRefused):
    """A widget that cannot ask for values of its field's kind."""

    code = "form-widget-unfit"
