"""A form as an area has it: the package's form with what the area says differently put in.

What does not fit is left out, so that whatever an area has said, and whichever release a case
began with, there is a form that can be answered: a field that is gone there, a choice it never
had. A change to the form can only make the asking stricter or friendlier: answers that it takes,
the package's form takes as well, but for the fields the area has added. Pure.
"""

from collections.abc import Mapping
from typing import Any

from guantong.forms.api import Form
from guantong.forms.api import read as read_form
from guantong.packages.areas.difference import Edits
from guantong.packages.areas.entry import FORMS, OWN, TEXTS, Entry, Value

# Of an added field: how it is asked, by what the area calls its kind.
KINDS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "text": ({"type": "string", "maxLength": 200}, "text"),
    "long": ({"type": "string", "maxLength": 1000}, "textarea"),
    "number": ({"type": "number"}, "number"),
    "day": ({"type": "string", "format": "date"}, "date"),
    "choice": ({"type": "string"}, "radio"),
}
# More choices than these are easier to find in a list that opens.
MOST_RADIO = 6


def of_form(edits: Edits, form: str) -> dict[Entry, Value]:
    """Return what is said of one form."""
    return {e: value for e, value in edits.items() if e.kind == FORMS and e.form == form}


def text_key(form: str, field: str, about: str) -> str:
    """Return the key under which an area's own label or hint stands among the words."""
    return f"area.{form}.{field}.{about}"


def fitted(form: Form, edits: Edits) -> Form:
    """Return the form with what an area says of it; the form itself where it says nothing."""
    own = of_form(edits, form.id)
    return read_form(fitted_document(form.document(), own)) if own else form


def fitted_document(document: dict[str, Any], edits: Mapping[Entry, Value]) -> dict[str, Any]:
    """Return a form file with an area's changes; ``document`` is changed in place."""
    form, schema, layout = document["id"], document["schema"], document["layout"]
    places = {place["field"]: place for place in layout}
    required: list[str] = list(schema.get("required", ()))
    for entry, value in edits.items():
        if entry.about == OWN:
            if entry.field not in places:
                _add(form, entry.field, value, schema["properties"], layout, required)
            continue
        place = places.get(entry.field)
        if place is None:
            continue
        if entry.about in TEXTS:
            place[entry.about] = text_key(form, entry.field, entry.about)
        elif entry.about == "required" and value is True and entry.field not in required:
            required.append(entry.field)
        elif entry.about == "choices":
            _narrow(schema["properties"][entry.field], value)
    if required:
        schema["required"] = required
    _reorder(layout, edits)
    return document


def _add(
    form: str,
    name: str,
    value: Mapping[str, Any],
    properties: dict[str, Any],
    layout: list[dict[str, str]],
    required: list[str],
) -> None:
    rules, widget = KINDS[value["type"]]
    properties[name] = dict(rules)
    if value["type"] == "choice":
        offered = [choice["zh-CN"] for choice in value["choices"]]
        properties[name]["enum"] = offered
        widget = "radio" if len(offered) <= MOST_RADIO else "select"
    place = {"field": name, "widget": widget, "label": text_key(form, name, "label")}
    if value.get("hint"):
        place["hint"] = text_key(form, name, "hint")
    layout.append(place)
    if value.get("required"):
        required.append(name)


def _narrow(rules: dict[str, Any], kept: list[str]) -> None:
    offered = [choice for choice in rules.get("enum", ()) if choice in kept]
    if offered:
        rules["enum"] = offered


def _reorder(layout: list[dict[str, str]], edits: Mapping[Entry, Value]) -> None:
    """Put fields after those they are to follow: those of the package first, then the added."""
    moves = [(e.field, str(v)) for e, v in edits.items() if e.about == "after"]
    moves += [(e.field, v["after"]) for e, v in edits.items() if e.about == OWN and "after" in v]
    for name, after in moves:
        names = [place["field"] for place in layout]
        if name not in names or (after and after not in names) or after == name:
            continue
        moved = layout.pop(names.index(name))
        names.remove(name)
        layout.insert(names.index(after) + 1 if after else 0, moved)
