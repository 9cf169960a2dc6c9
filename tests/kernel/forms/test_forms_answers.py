"""What a page posts becomes typed answers, or errors that say what to enter."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guantong.forms.api import Form, Prefill, read

WIDGETS = {"integer": "number", "number": "number", "boolean": "checkbox", "string": "textarea"}


def asking(rules: dict[str, Any], *, required: bool = False, **place: str) -> Form:
    """A form that asks one question, ``x``."""
    widget = (
        "select" if "enum" in rules else "date" if "format" in rules else WIDGETS[rules["type"]]
    )
    return read(
        {
            "id": "form",
            "title": "title",
            "schema": {
                "type": "object",
                "properties": {"x": rules},
                "required": ["x"] if required else [],
            },
            "layout": [{"field": "x", "widget": widget, "label": "x", **place}],
        }
    )


@pytest.mark.parametrize(
    ("rules", "text", "value"),
    [
        ({"type": "integer"}, " 12 ", 12),
        ({"type": "integer"}, "１２", 12),
        ({"type": "integer"}, "-3", -3),
        ({"type": "number"}, "12.5", 12.5),
        ({"type": "number"}, "12", 12),
        ({"type": "boolean"}, "on", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "string"}, " 大风\r\n停电 ", "大风\n停电"),
        ({"type": "string", "format": "date"}, "2019-08-10", "2019-08-10"),
        ({"type": "string", "enum": ["red", "blue"]}, "red", "red"),
        ({"type": "integer", "enum": [1, 2]}, "2", 2),
        ({"type": "integer", "minimum": 0}, "0", 0),
        ({"type": "string", "maxLength": 2}, "转移", "转移"),
    ],
)
def test_a_posted_text_becomes_a_value_of_its_type(
    rules: dict[str, Any], text: str, value: object
) -> None:
    answers = asking(rules).parse({"x": text})

    assert answers.accepted
    assert answers.values == {"x": value}
    assert type(answers.values["x"]) is type(value)


@pytest.mark.parametrize(
    ("rules", "text", "code"),
    [
        ({"type": "integer"}, "12.5", "not-an-integer"),
        ({"type": "integer"}, "1,000", "not-an-integer"),
        ({"type": "integer"}, "9" * 5000, "not-an-integer"),
        ({"type": "number"}, "nan", "not-a-number"),
        ({"type": "number"}, "1e3", "not-a-number"),
        ({"type": "boolean"}, "perhaps", "not-yes-or-no"),
        ({"type": "string", "format": "date"}, "2019-02-29", "not-a-date"),
        ({"type": "string", "format": "date"}, "20190810", "not-a-date"),
        ({"type": "string", "enum": ["red"]}, "pink", "not-a-choice"),
        ({"type": "boolean", "enum": [True]}, "false", "not-a-choice"),
        ({"type": "string", "minLength": 3}, "ab", "too-short"),
        ({"type": "string", "maxLength": 2}, "abc", "too-long"),
        ({"type": "string", "pattern": "^[A-Z]$"}, "a", "wrong-pattern"),
        ({"type": "integer", "minimum": 0}, "-1", "too-small"),
        ({"type": "integer", "maximum": 9}, "10", "too-large"),
        ({"type": "number", "exclusiveMinimum": 0}, "0", "not-above"),
        ({"type": "number", "exclusiveMaximum": 1}, "1", "not-below"),
        ({"type": "integer", "multipleOf": 5}, "7", "not-a-multiple"),
    ],
)
def test_a_wrong_answer_is_told_what_to_enter_in_both_languages(
    rules: dict[str, Any], text: str, code: str
) -> None:
    answers = asking(rules).parse({"x": text})

    (error,) = answers.errors
    assert (error.field, error.code) == ("x", code)
    assert answers.values == {}
    for language in ("zh-CN", "en"):
        sentence = error.sentence(language)
        assert not sentence.startswith("form.answer")
        assert re.search("[{}]", sentence) is None
    assert re.search("请|Enter|Choose", error.sentence("zh-CN"))


def test_the_bound_that_was_missed_is_named() -> None:
    (error,) = asking({"type": "integer", "maximum": 9000}).parse({"x": "9001"}).errors

    assert error.sentence("en") == "This is too large. Enter 9000 or less."
    assert "9000" in error.sentence("zh-CN")


def test_of_several_broken_rules_the_first_is_told_alone() -> None:
    rules = {"type": "string", "minLength": 3, "pattern": "^[0-9]+$"}

    (error,) = asking(rules).parse({"x": "ab"}).errors

    assert error.code == "too-short"


def test_a_needed_answer_that_is_missing_or_blank_is_asked_for() -> None:
    form = asking({"type": "string"}, required=True)

    assert [error.code for error in form.parse({}).errors] == ["missing"]
    assert [error.code for error in form.parse({"x": " \r\n "}).errors] == ["missing"]


def test_an_answer_nobody_needs_may_be_left_out() -> None:
    answers = asking({"type": "integer"}).parse({"x": ""})

    assert (answers.values, answers.errors) == ({}, ())


def test_a_checkbox_that_was_not_posted_is_a_no_even_where_an_answer_is_needed() -> None:
    assert asking({"type": "boolean"}, required=True).parse({}).values == {"x": False}


def test_names_that_are_no_field_are_left_alone() -> None:
    assert asking({"type": "integer"}).parse({"x": "1", "token": "t"}).values == {"x": 1}


def test_an_error_never_repeats_what_was_entered() -> None:
    secret = "330106199001011234"
    form = asking({"type": "string", "maxLength": 5})

    (error,) = form.parse({"x": secret}).errors

    assert secret not in repr(error) + error.sentence("zh-CN") + error.sentence("en")


def test_a_field_is_filled_in_advance_from_its_case_variable_with_the_source_named() -> None:
    form = asking({"type": "integer"}, prefill="village.people")

    assert form.prefilled({"village": {"people": 0}}) == {"x": Prefill(0, "village.people")}


@pytest.mark.parametrize(
    "variables", [{}, {"village": {}}, {"village": None}, {"village": "Shitang"}]
)
def test_a_variable_the_case_does_not_have_fills_nothing(variables: dict[str, Any]) -> None:
    assert asking({"type": "integer"}, prefill="village.people").prefilled(variables) == {}


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.sampled_from(
        [
            {"type": "integer"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "string", "minLength": 2},
            {"type": "string", "format": "date"},
        ]
    ),
    st.text(),
)
def test_whatever_is_posted_gives_a_value_for_json_or_one_error(
    rules: dict[str, Any], text: str
) -> None:
    answers = asking(rules, required=True).parse({"x": text})

    assert len(answers.values) + len(answers.errors) == 1
    assert json.loads(json.dumps(answers.values, allow_nan=False)) == answers.values
