"""Fields of files: which kinds, how many, how large; and what is no such field is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from guantong.base.errors import GuantongError
from guantong.forms.api import Form, Given, read

MB = 1024 * 1024
RULES: dict[str, Any] = {
    "type": "array",
    "maxItems": 2,
    "items": {
        "type": "string", "format": "file", "maxLength": 2 * MB,
        "anyOf": [{"contentMediaType": "image/jpeg"}, {"contentMediaType": "image/png"}],
    },
}  # fmt: skip


def document(rules: dict[str, Any], *, required: bool = False, **place: str) -> dict[str, Any]:
    return {
        "id": "form", "title": "t",
        "schema": {
            "type": "object", "properties": {"x": rules, "text": {"type": "string"}},
            "required": ["x"] if required else [],
        },
        "layout": [
            {"field": "x", "widget": "file", "label": "x", **place},
            {"field": "text", "widget": "text", "label": "text"},
        ],
    }  # fmt: skip


def form(*, required: bool = False, **more: Any) -> Form:
    return read(document(RULES | more, required=required))


def picture(digest: str = "a" * 64, kind: str = "image/png", size: int = MB) -> Given:
    return Given(digest=digest, media_type=kind, size=size)


def test_the_answer_is_the_digests_of_what_was_given() -> None:
    found = form().parse({"text": "x"}, {"x": [picture("aa"), picture("bb")]})

    assert found.accepted
    assert found.values == {"x": ["aa", "bb"], "text": "x"}


def test_what_is_not_asked_for_may_be_left_out() -> None:
    found = form().parse({"text": "x", "x": "typed by hand"})

    assert found.accepted
    assert "x" not in found.values, "a digest cannot be typed"


@pytest.mark.parametrize(
    ("given", "code", "bound"),
    [
        ([picture(str(n)) for n in range(3)], "too-many-files", 2),
        ([picture(kind="application/pdf")], "wrong-kind-of-file", None),
        ([picture(size=2 * MB + 1)], "too-large-a-file", 2),
    ],
)
def test_what_is_given_beyond_the_rules_is_told(
    given: list[Given], code: str, bound: int | None
) -> None:
    (error,) = form().parse({}, {"x": given}).errors

    assert (error.field, error.code, error.facts.get("bound")) == ("x", code, bound)
    assert error.sentence("zh-CN") != error.sentence("en")


def test_on_the_very_bounds_nothing_is_wrong() -> None:
    assert form().parse({}, {"x": [picture("a", size=2 * MB), picture("b")]}).accepted


def test_the_same_content_twice_is_one_file() -> None:
    found = form().parse({}, {"x": [picture("a"), picture("b"), picture("a")]})

    assert found.values == {"x": ["a", "b"]}


def test_a_required_field_wants_one_and_more_where_it_says_so() -> None:
    assert [e.code for e in form(required=True).parse({}).errors] == ["too-few-files"]
    assert form(required=True).parse({}, {"x": [picture()]}).accepted
    (error,) = form(minItems=2).parse({}, {"x": [picture()]}).errors
    assert (error.code, error.facts["bound"]) == ("too-few-files", 2)


def _without(*path: str) -> Callable[[dict[str, Any]], None]:
    def harm(rules: dict[str, Any]) -> None:
        for step in path[:-1]:
            rules = rules[step]
        del rules[path[-1]]

    return harm


def _with(key: str, value: object, *path: str) -> Callable[[dict[str, Any]], None]:
    def harm(rules: dict[str, Any]) -> None:
        for step in path:
            rules = rules[step]
        rules[key] = value

    return harm


@pytest.mark.parametrize(
    "harm",
    [
        _without("maxItems"),
        _without("items"),
        _without("items", "maxLength"),
        _without("items", "anyOf"),
        _with("maxItems", 0),
        _with("anyOf", [], "items"),
        _with("anyOf", [{"mediaType": "image/png"}], "items"),
        _with("format", "date", "items"),
        _with("type", "integer", "items"),
        _with("uniqueItems", True),
    ],
)
def test_a_field_that_leaves_a_limit_open_is_refused(
    harm: Callable[[dict[str, Any]], None],
) -> None:
    rules = RULES | {"items": dict(RULES["items"])}
    harm(rules)

    with pytest.raises(GuantongError):
        read(document(rules))


def test_files_are_asked_for_by_a_field_of_files_only() -> None:
    with pytest.raises(GuantongError, match="file"):
        read(document(RULES) | {"layout": [
            {"field": "x", "widget": "text", "label": "x"},
            {"field": "text", "widget": "text", "label": "t"},
        ]})  # fmt: skip
    with pytest.raises(GuantongError):
        read(document(RULES, prefill="photographs"))
