"""A form file is read into fields; whatever forms do not have is refused with the nearest word."""

from typing import Any

import pytest

from guantong.forms.api import Option, read
from guantong.forms.errors import (
    FieldNotPlaced,
    FieldUnknown,
    FormRefused,
    KeyMissing,
    UnknownKey,
    WidgetUnfit,
    WrongValue,
)


def document(**rules: Any) -> dict[str, Any]:
    """A form with one field ``people``, whose rules can be changed."""
    return {
        "id": "evacuation_report",
        "title": "form.evacuation.title",
        "schema": {
            "type": "object",
            "properties": {"people": {"type": "integer", "minimum": 0, **rules}},
            "required": ["people"],
        },
        "layout": [
            {
                "field": "people",
                "widget": "number",
                "label": "form.people",
                "prefill": "village.people",
            }
        ],
    }


def test_a_field_carries_what_a_page_needs_to_ask_it() -> None:
    form = read(document(maximum=9000))

    (people,) = form.fields
    assert (form.id, form.title) == ("evacuation_report", "form.evacuation.title")
    assert (people.name, people.type, people.widget, people.required) == (
        "people", "integer", "number", True,
    )  # fmt: skip
    assert (people.minimum, people.maximum, people.prefill) == (0, 9000, "village.people")


def test_fields_stand_in_the_order_of_the_layout() -> None:
    wanted = document()
    wanted["schema"]["properties"] |= {"note": {"type": "string"}}
    wanted["layout"].insert(0, {"field": "note", "widget": "textarea", "label": "form.note"})

    assert [field.name for field in read(wanted).fields] == ["note", "people"]


def test_each_choice_has_its_words_under_the_key_of_its_field() -> None:
    wanted = document()
    wanted["schema"]["properties"]["level"] = {"type": "string", "enum": ["red", "blue"]}
    wanted["schema"]["properties"]["safe"] = {"type": "boolean"}
    wanted["layout"] += [
        {"field": "level", "widget": "radio", "label": "form.level"},
        {"field": "safe", "widget": "radio", "label": "form.safe"},
    ]

    _, level, safe = read(wanted).fields

    assert level.options == (Option("red", "form.level.red"), Option("blue", "form.level.blue"))
    assert safe.options == (Option("true", "form.safe.true"), Option("false", "form.safe.false"))


def test_a_comment_is_let_pass_and_means_nothing() -> None:
    assert read({"$comment": "Asked on the spot.", **document()}) == read(document())


@pytest.mark.parametrize(
    ("place", "key", "near"),
    [
        ("", "tittle", "title"),
        ("schema", "require", "required"),
        ("people", "minimun", "minimum"),
        ("layout", "lable", "label"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_key_that_was_meant(
    place: str, key: str, near: str
) -> None:
    wrong = document()
    targets = {
        "": wrong,
        "schema": wrong["schema"],
        "people": wrong["schema"]["properties"]["people"],
        "layout": wrong["layout"][0],
    }
    targets[place][key] = "x"

    with pytest.raises(UnknownKey, match=f"'{key}'.*Did you mean '{near}'") as caught:
        read(wrong)

    assert f"“{near}”" in caught.value.sentence("zh-CN")


@pytest.mark.parametrize("key", ["id", "title", "schema", "layout"])
def test_a_form_without_one_of_its_four_parts_is_refused(key: str) -> None:
    wrong = document()
    del wrong[key]

    with pytest.raises(KeyMissing, match=f"lacks the key '{key}'"):
        read(wrong)


def test_a_field_that_stands_nowhere_or_twice_is_refused() -> None:
    twice = document()
    twice["layout"] *= 2
    nowhere = document()
    nowhere["schema"]["properties"]["note"] = {"type": "string"}

    with pytest.raises(FieldNotPlaced, match="'people' stands 2 times"):
        read(twice)
    with pytest.raises(FieldNotPlaced, match="'note' stands 0 times"):
        read(nowhere)


def test_a_layout_or_a_requirement_of_an_unknown_field_is_refused() -> None:
    layout, required = document(), document()
    layout["layout"][0]["field"] = "poeple"
    required["schema"]["required"] = ["peoples"]

    for wrong in (layout, required):
        with pytest.raises(FieldUnknown, match="Did you mean 'people'"):
            read(wrong)


@pytest.mark.parametrize(
    ("rules", "widget"),
    [
        ({"type": "integer"}, "checkbox"),
        ({"type": "string"}, "date"),
        ({"type": "string", "format": "date"}, "textarea"),
        ({"type": "string", "enum": ["a"]}, "text"),
        ({"type": "boolean"}, "number"),
    ],
)
def test_a_widget_that_cannot_ask_for_its_field_is_refused(
    rules: dict[str, Any], widget: str
) -> None:
    wrong = document()
    wrong["schema"]["properties"]["people"] = rules
    wrong["layout"][0]["widget"] = widget

    with pytest.raises(WidgetUnfit, match=f"'{widget}'. Choose "):
        read(wrong)


@pytest.mark.parametrize(
    "rules",
    [
        {"type": "array"},
        {"type": ["integer", "null"]},
        {"type": "string", "format": "email", "minimum": None},
        {"minimum": "zero"},
        {"multipleOf": 0},
        {"enum": [1, "two"]},
        {"type": "string", "minimum": 1},
    ],
)
def test_rules_that_are_no_json_schema_of_a_form_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises((WrongValue, UnknownKey), match="The form file is refused"):
        read(document(**rules))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("layout", []),
        ("layout", ["people"]),
        ("schema", []),
        ("id", 7),
        ("id", ""),
        ("title", None),
    ],
)
def test_parts_of_the_wrong_kind_are_refused_not_guessed(key: str, value: object) -> None:
    with pytest.raises(FormRefused):
        read(document() | {key: value})


def test_a_pattern_that_is_no_regular_expression_is_refused_at_its_place() -> None:
    wrong = document()
    wrong["schema"]["properties"]["people"] = {"type": "string", "pattern": "("}

    with pytest.raises(WrongValue, match=r"'schema\.properties\.people\.pattern'"):
        read(wrong)
