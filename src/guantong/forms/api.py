"""Front door of the forms: read a form file, check answers, plan what is filled in advance."""

from guantong.forms.definition import read
from guantong.forms.field import Field, FieldError, Given, Option
from guantong.forms.form import Answers, Form, Prefill

__all__ = ["Answers", "Field", "FieldError", "Form", "Given", "Option", "Prefill", "read"]
