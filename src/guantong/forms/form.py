"""A form: its fields, the answers people give to it, and what the case fills in advance."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

from guantong.base import plain_pattern
from guantong.forms.conversion import Answer, Unconvertible, convert
from guantong.forms.field import Field, FieldError, Given

# Keyword of JSON Schema → code of the error a person reads. Where one field breaks several
# rules, the first of this order is told: one sentence at a time can be acted on.
_CODES = {
    "enum": "not-a-choice",
    "const": "not-a-choice",
    "minLength": "too-short",
    "maxLength": "too-long",
    "pattern": "wrong-pattern",
    "minimum": "too-small",
    "maximum": "too-large",
    "exclusiveMinimum": "not-above",
    "exclusiveMaximum": "not-below",
    "multipleOf": "not-a-multiple",
}


@dataclass(frozen=True)
class Answers:
    """The answers that could be read, by field, and the errors of the others."""

    values: Mapping[str, Answer]
    errors: tuple[FieldError, ...] = ()

    @property
    def accepted(self) -> bool:
        """Return whether there is nothing to correct."""
        return not self.errors


@dataclass(frozen=True)
class Prefill:
    """A value filled in advance, and the case variable it comes from."""

    value: Any
    source: str


@dataclass(frozen=True)
class Form:
    """One form as its file declares it; ``title`` is a message key."""

    id: str
    title: str
    fields: tuple[Field, ...]
    schema: Mapping[str, Any]

    def document(self) -> dict[str, Any]:
        """Return the form as a file says it, in values of its own: what ``read`` would take."""
        return {
            "id": self.id, "title": self.title, "schema": copy.deepcopy(dict(self.schema)),
            "layout": [
                {
                    "field": f.name, "widget": f.widget, "label": f.label,
                    **({"hint": f.hint} if f.hint is not None else {}),
                    **({"prefill": f.prefill} if f.prefill is not None else {}),
                }
                for f in self.fields
            ],
        }  # fmt: skip

    def parse(
        self, raw: Mapping[str, str], files: Mapping[str, Sequence[Given]] | None = None
    ) -> Answers:
        """Return the typed answers to a posted form, each checked against the schema.

        ``files`` are those given for each field of files; their answer is a list of digests.

        An empty text is no answer; a checkbox that was not posted is a no. Names that are no
        field of the form are left alone: a page posts its own tokens beside them.
        """
        values: dict[str, Answer] = {}
        errors: list[FieldError] = []
        for question in self.fields:
            if question.widget == "file":
                given = list({one.digest: one for one in (files or {}).get(question.name, ())})
                wrong_file = _file_error(question, (files or {}).get(question.name, ()))
                if wrong_file is not None:
                    errors.append(wrong_file)
                elif given:
                    values[question.name] = given
                continue
            text = raw.get(question.name, "").replace("\r\n", "\n").strip()
            if not text and question.widget == "checkbox":
                text = "off"
            if not text:
                if question.required:
                    errors.append(FieldError(question.name, "missing"))
                continue
            rules = self.schema["properties"][question.name]
            try:
                value = convert(text, type_=question.type, is_date=rules.get("format") == "date")
            except Unconvertible as wrong:
                errors.append(FieldError(question.name, str(wrong)))
                continue
            broken = _first_broken(rules, value)
            if broken is None:
                values[question.name] = value
            else:
                errors.append(_field_error(question, broken))
        return Answers(values, tuple(errors))

    def prefilled(self, variables: Mapping[str, Any]) -> dict[str, Prefill]:
        """Return what the case can fill in, by field; a variable it does not have fills nothing."""
        found = {
            question.name: Prefill(_look_up(variables, question.prefill), question.prefill)
            for question in self.fields
            if question.prefill is not None
        }
        return {name: prefill for name, prefill in found.items() if prefill.value is not None}


def _file_error(question: Field, given: Sequence[Given]) -> FieldError | None:
    """Return what is wrong with the files given for a field; the same content counts once."""
    count = len({one.digest for one in given})
    if count < question.least_files:
        return FieldError(question.name, "too-few-files", {"bound": question.least_files})
    if count > question.most_files:
        return FieldError(question.name, "too-many-files", {"bound": question.most_files})
    wrong = (question.refuses(one) for one in given)
    return next((error for error in wrong if error is not None), None)


def _has_form(
    validator: Any, pattern: str, value: Answer, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    """Check a pattern as JSON Schema does, in bounded time: text and pattern are strangers'."""
    if isinstance(value, str) and not plain_pattern.fits(plain_pattern.compiled(pattern), value):
        yield ValidationError(f"{value[:50]!r} does not match {pattern!r}")


_Validator: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"pattern": _has_form}
)


def _first_broken(rules: Mapping[str, Any], value: Answer) -> ValidationError | None:
    order = list(_CODES)
    broken = list(_Validator(dict(rules)).iter_errors(value))
    return min(broken, key=lambda error: order.index(str(error.validator)), default=None)


def _field_error(question: Field, broken: ValidationError) -> FieldError:
    code = _CODES[str(broken.validator)]
    facts: dict[str, object] = {"bound": broken.validator_value}
    # The choices stand on the page in words, and a pattern is no words: neither is repeated.
    return FieldError(
        question.name, code, {} if code in ("not-a-choice", "wrong-pattern") else facts
    )


def _look_up(variables: Mapping[str, Any], path: str) -> Any:
    found: Any = variables
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
