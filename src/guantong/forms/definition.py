"""Reading a form file: a closed list of keys, so that a misspelt rule is never a lost rule.

The schema is JSON Schema 2020-12, narrowed to what a person can be asked on one page: an
object with flat properties. Every field of the schema stands in the layout exactly once.
"""

import difflib
import re
from collections import Counter
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from guantong.base import plain_pattern
from guantong.forms.errors import (
    FieldNotPlaced,
    FieldUnknown,
    KeyMissing,
    UnknownKey,
    WidgetUnfit,
    WrongValue,
)
from guantong.forms.field import Field, Option
from guantong.forms.form import Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_BOUNDED = "a regular expression that ends in time: no repetition within another"
_FORM = ("id", "title", "schema", "layout")
# JSON has no comments; this keyword of JSON Schema is one, and means nothing to the form.
_COMMENT = "$comment"
_SCHEMA = ("$schema", "type", "properties", "required", "additionalProperties")
_PLACE = ("field", "widget", "label", "hint", "prefill")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_RULES = {
    "string": ("type", "enum", "const", "format", "minLength", "maxLength", "pattern"),
    "number": ("type", "enum", "const", *_BOUNDS),
    "integer": ("type", "enum", "const", *_BOUNDS),
    "boolean": ("type", "enum", "const"),
    # Files: each is known by the digest of its content. ``maxLength`` bounds the bytes of one.
    "array": ("type", "items", "minItems", "maxItems"),
}
_FILE = ("type", "format", "maxLength", "anyOf")


def read(document: Mapping[str, Any]) -> Form:
    """Return the form that a form file declares, or refuse the file."""
    form_id = document.get("id", "")
    _closed(document, (*_FORM, _COMMENT), required=_FORM, where=f"{form_id}")
    schema, layout = document["schema"], document["layout"]
    _must(isinstance(form_id, str) and form_id != "", where="id", wanted="text")
    _must(isinstance(document["title"], str), where="title", wanted="a message key")
    _must(isinstance(schema, Mapping), where="schema", wanted="an object")
    _must(isinstance(layout, list) and bool(layout), where="layout", wanted="a list of fields")
    rules = _rules(schema)
    places = [_place(place, rules) for place in layout]
    _each_placed_once(rules, Counter(place["field"] for place in places))
    required = frozenset(schema.get("required", ()))
    return Form(
        id=form_id,
        title=document["title"],
        fields=tuple(_field(place, rules[place["field"]], required) for place in places),
        schema=MappingProxyType(dict(schema)),
    )


def _closed(
    found: Mapping[str, Any], known: Collection[str], *, required: Collection[str], where: str
) -> None:
    for key in found:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, n=1, cutoff=0.0)
            raise UnknownKey(key=key, where=where, near=near[0])
    for key in required:
        if key not in found:
            raise KeyMissing(key=key, where=where)


def _must(holds: bool, *, where: str, wanted: str) -> None:
    if not holds:
        raise WrongValue(where=where, wanted=wanted)


def _rules(schema: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the rules of each field by its name."""
    _closed(schema, _SCHEMA, required=("type", "properties"), where="schema")
    _must(schema.get("$schema", DIALECT) == DIALECT, where="schema.$schema", wanted=DIALECT)
    _must(schema["type"] == "object", where="schema.type", wanted="object")
    # An open schema would promise answers that no field of the form asks for.
    open_ = schema.get("additionalProperties", False)
    _must(open_ is False, where="schema.additionalProperties", wanted="false")
    properties = schema["properties"]
    _must(isinstance(properties, Mapping), where="schema.properties", wanted="an object")
    for name, rules in properties.items():
        where = f"schema.properties.{name}"
        _must(isinstance(rules, Mapping), where=where, wanted="an object")
        type_ = rules.get("type")
        _must(
            isinstance(type_, str) and type_ in _RULES,
            where=f"{where}.type",
            wanted=" / ".join(_RULES),
        )
        _closed(rules, _RULES[str(type_)], required=(), where=where)
        if type_ == "array":
            _files(rules, where=where)
        _must(rules.get("format", "date") == "date", where=f"{where}.format", wanted="date")
    try:
        Draft202012Validator.check_schema(dict(schema))
    except SchemaError as wrong:
        where = ".".join(["schema", *(str(part) for part in wrong.absolute_path)])
        raise WrongValue(
            where=where, wanted=f"{wrong.validator}: {wrong.validator_value}"
        ) from wrong
    for name, rules in properties.items():
        _usable(rules, where=f"schema.properties.{name}")
    for name in schema.get("required", ()):
        if name not in properties:
            raise FieldUnknown(field=name, where="schema.required", near=_nearest(name, properties))
    return {str(name): dict(rules) for name, rules in properties.items()}


def _usable(rules: Mapping[str, Any], *, where: str) -> None:
    """Refuse what is lawful JSON Schema and yet can never be answered or checked."""
    of_type = Draft202012Validator({"type": rules["type"]})
    for choice in rules.get("enum", ()):
        _must(of_type.is_valid(choice), where=f"{where}.enum", wanted=rules["type"])
    try:
        plain_pattern.compiled(rules.get("pattern", ""))
    except plain_pattern.PatternExplodes as wrong:
        raise WrongValue(where=f"{where}.pattern", wanted=_BOUNDED) from wrong
    except re.error as wrong:
        raise WrongValue(where=f"{where}.pattern", wanted="a regular expression") from wrong


def _files(rules: Mapping[str, Any], *, where: str) -> None:
    """Refuse a field of files that does not say which kinds, how many, and how large."""
    _closed(rules, _RULES["array"], required=("items", "maxItems"), where=where)
    most = rules["maxItems"]
    _must(isinstance(most, int) and most > 0, where=f"{where}.maxItems", wanted="1 or more")
    items, inside = rules["items"], f"{where}.items"
    _must(isinstance(items, Mapping), where=inside, wanted="an object")
    _closed(items, _FILE, required=_FILE, where=inside)
    _must(items["type"] == "string", where=f"{inside}.type", wanted="string")
    _must(items["format"] == "file", where=f"{inside}.format", wanted="file")
    kinds = items["anyOf"]
    _must(isinstance(kinds, list) and bool(kinds), where=f"{inside}.anyOf", wanted="media types")
    for place, kind in enumerate(kinds):
        at = f"{inside}.anyOf.{place}"
        _must(isinstance(kind, Mapping), where=at, wanted="an object")
        _closed(kind, ("contentMediaType",), required=("contentMediaType",), where=at)
        _must(isinstance(kind["contentMediaType"], str), where=at, wanted="a media type")


def _place(place: Any, rules: Mapping[str, Mapping[str, Any]]) -> Mapping[str, str]:
    """Return one entry of the layout, checked; its values are all text."""
    _must(isinstance(place, Mapping), where="layout", wanted="an object for each field")
    where = f"layout.{place.get('field', '')}"
    _closed(place, _PLACE, required=("field", "widget", "label"), where=where)
    for key, value in place.items():
        _must(isinstance(value, str) and value != "", where=f"{where}.{key}", wanted="text")
    checked: Mapping[str, str] = place
    name, widget = checked["field"], checked["widget"]
    if name not in rules:
        raise FieldUnknown(field=name, where="layout", near=_nearest(name, rules))
    fitting = _widgets(rules[name])
    if widget not in fitting:
        raise WidgetUnfit(field=name, widget=widget, fitting=" / ".join(fitting))
    # What a case knows of files are their digests: they cannot be given once more.
    _must(widget != "file" or "prefill" not in checked, where=f"{where}.prefill", wanted="nothing")
    return checked


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    return near[0] if near else ""


def _widgets(rules: Mapping[str, Any]) -> tuple[str, ...]:
    if rules["type"] == "boolean":
        return ("checkbox", "radio", "select")
    if rules["type"] == "array":
        return ("file",)
    if "enum" in rules:
        return ("select", "radio")
    if rules["type"] in ("number", "integer"):
        return ("number", "text")
    return ("date",) if rules.get("format") == "date" else ("text", "textarea")


def _each_placed_once(rules: Collection[str], placed: Mapping[str, int]) -> None:
    for name in rules:
        if placed.get(name, 0) != 1:
            raise FieldNotPlaced(field=name, times=placed.get(name, 0))


def _field(place: Mapping[str, str], rules: Mapping[str, Any], required: frozenset[str]) -> Field:
    choices: Collection[Any] = rules.get("enum", ())
    if not choices and rules["type"] == "boolean" and place["widget"] != "checkbox":
        choices = (True, False)
    items: Mapping[str, Any] = rules.get("items", {})
    texts = [str(one).lower() if isinstance(one, bool) else str(one) for one in choices]
    return Field(
        name=place["field"],
        type=rules["type"],
        widget=place["widget"],
        label=place["label"],
        hint=place.get("hint"),
        prefill=place.get("prefill"),
        required=place["field"] in required,
        options=tuple(Option(text, f"{place['label']}.{text}") for text in texts),
        minimum=rules.get("minimum", rules.get("exclusiveMinimum")),
        maximum=rules.get("maximum", rules.get("exclusiveMaximum")),
        min_length=rules.get("minLength"),
        max_length=rules.get("maxLength"),
        pattern=rules.get("pattern"),
        accepts=tuple(kind["contentMediaType"] for kind in items.get("anyOf", ())),
        least_files=max(rules.get("minItems", 0), int(place["field"] in required)) if items else 0,
        most_files=rules.get("maxItems", 0),
        most_bytes=items.get("maxLength", 0),
    )
