"""Front door of the forms: read a form file, check answers, plan what is filled in advance."""

from guantong.forms.definition import read
from guantong.forms.field import Field, Option
from guantong.forms.form import Answers, FieldError, Form, Prefill

__all__ = ["Answers", "Field", "FieldError", "Form", "Option", "Prefill", "read"]
