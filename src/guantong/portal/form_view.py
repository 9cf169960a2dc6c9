"""A package's form as the page shows it: words, what is filled in advance, what is wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from guantong.base.words import say
from guantong.files.api import FileView
from guantong.forms.api import Field, FieldError, Form
from guantong.packages.api import Package
from guantong.portal import answer_files


def fields_of(
    form: Form,
    package: Package,
    language: str,
    *,
    typed: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    errors: tuple[FieldError, ...] = (),
    kept: Mapping[str, Sequence[FileView]] | None = None,
) -> list[dict[str, object]]:
    """Return the fields for ``parts/form.html``; what was typed goes before what is known.

    ``kept`` are the files that came with the try before, by field.
    """
    wrong = {error.field: error.sentence(language) for error in errors}
    prefilled = form.prefilled(variables or {})
    found: list[dict[str, object]] = []
    for question in form.fields:
        known = prefilled.get(question.name)
        from_case = known is not None and typed is None
        found.append(
            {
                "name": question.name,
                "label": package.say(question.label, language),
                "hint": package.say(question.hint, language) if question.hint else None,
                "widget": question.widget,
                "value": _value(question, typed, known.value if known is not None else ""),
                "required": question.required,
                "options": [
                    {
                        "value": option.value,
                        "label": option_word(package, question, option.value, language),
                    }
                    for option in question.options
                ],
                "error": wrong.get(question.name),
                "prefilled_from": say("form.from_case", language) if from_case else None,
                "max_length": question.max_length,
            }
        )
        if question.widget == "file":
            here = (kept or {}).get(question.name, ())
            found[-1] |= answer_files.field_parts(question, here, language)
            found[-1]["personal_on"] = (typed or {}).get(str(found[-1]["personal"])) == "on"
    return found


def option_word(package: Package, question: Field, value: str, language: str) -> str:
    """Return what a choice is called: by its field, or by its value alone."""
    words = package.words(language)
    own = words.get(f"{question.label}.{value}")
    return own if own is not None else words.get(f"value.{value}", value)


def summary_of(
    form: Form, package: Package, errors: tuple[FieldError, ...], language: str
) -> list[dict[str, object]]:
    """Return the errors for the summary on top: the field's name, and what is wrong with it."""
    labels = {field.name: package.say(field.label, language) for field in form.fields}
    return [
        {"field": e.field, "sentence": f"{labels.get(e.field, e.field)}: {e.sentence(language)}"}
        for e in errors
    ]


def _value(question: Field, typed: Mapping[str, str] | None, known: object) -> str | bool:
    value = known if typed is None else typed.get(question.name, "")
    return bool(value) if question.widget == "checkbox" else str(value)
