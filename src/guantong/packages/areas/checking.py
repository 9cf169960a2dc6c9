"""What an area may say of one entry: texts that keep their places, forms that stay answerable.

The package's flow, rules and figures read the answers of its forms, so an area never takes away a
field, a rule of it or its type, and never makes optional what the package needs. It may word the
question, move it, insist on it, offer fewer choices, and ask a question of its own. Pure.
"""

from collections.abc import Mapping
from typing import Any

from guantong.feel.api import names_in
from guantong.packages.areas.entry import (
    LANGUAGES,
    OWN,
    TEXTS,
    WORDS,
    Entry,
    Value,
    choices_of,
    field_of,
    rewordable,
    said_by,
)
from guantong.packages.areas.errors import EntryUnknown, FormChangeRefused, WordRefused
from guantong.packages.areas.form import KINDS
from guantong.packages.document import STEERING
from guantong.packages.package import Package
from guantong.packages.wording import places

LONGEST_TEXT = 300
LONGEST_CHOICE = 60
MOST_CHOICES = 20
OWN_PREFIX = "own_"


def checked(package: Package, entry: Entry, value: Value) -> Value:
    """Return a value as it is kept, or refuse it with the rule it breaks."""
    if entry.kind == WORDS:
        if entry.key not in rewordable(package):
            raise EntryUnknown(entry=entry.key[:80])
        return _text(value, like=str(said_by(package, entry) or ""))
    form = package.forms.get(entry.form)
    if form is None:
        raise EntryUnknown(entry=str(entry)[:80])
    field = field_of(form, entry.field)
    if entry.about == OWN:
        if field is not None or not entry.field.startswith(OWN_PREFIX):
            raise FormChangeRefused(why="taken", field=entry.field)
        return _own(value)
    if field is None:
        raise EntryUnknown(entry=str(entry)[:80])
    match entry.about:
        case "required":
            return _required(value, entry.field, widget=field.widget)
        case "choices":
            kept = _choices(value, entry.field, offered=choices_of(form, field))
            if entry.field in _read_by_flows(package):
                raise FormChangeRefused(why="flow", field=entry.field)
            return kept
        case "after":
            known = {"", *(one.name for one in form.fields)} - {entry.field}
            if value not in known:
                raise FormChangeRefused(why="order", field=entry.field)
            return value
        case _:
            assert entry.about in TEXTS, "an entry is read from a closed list"
            return _text(value, like=str(said_by(package, entry) or ""))


def _text(value: Value, *, like: str = "", longest: int = LONGEST_TEXT) -> str:
    """Return a text with the places of the package's own: they are filled with what it is about."""
    text = " ".join(str(value).split())
    if not text:
        raise WordRefused(why="empty", text="")
    if len(text) > longest:
        raise WordRefused(why="long", text=text[:40], most=longest)
    if STEERING.search(text):
        raise WordRefused(why="sign", text=STEERING.sub("", text)[:40])
    if places(text) != places(like):
        wanted = "、".join(f"{{{name}}}" for name in sorted(places(like) or ())) or "–"
        raise WordRefused(why="places", text=text[:40], places=wanted)
    return text


def can_narrow(package: Package, form: str, field: str) -> bool:
    """Say whether an area may offer fewer answers to a question, before it is asked which."""
    known = field_of(package.forms[form], field)
    offered = choices_of(package.forms[form], known) if known is not None else None
    return offered is not None and len(offered) > 1 and field not in _read_by_flows(package)


def _read_by_flows(package: Package) -> set[str]:
    """Return the answers by which a flow chooses its way: each must stay possible to give."""
    flows = (flow for graph in package.flows.values() for flow in graph.flows.values())
    return {name for f in flows if f.condition is not None for name in names_in(f.condition)}


def _required(value: Value, field: str, *, widget: str) -> bool:
    if value is not True:
        raise FormChangeRefused(why="optional", field=field)
    if widget == "checkbox":
        raise FormChangeRefused(why="tick", field=field)
    return True


def _choices(value: Value, field: str, *, offered: list[str] | None) -> list[str]:
    if offered is None:
        raise FormChangeRefused(why="type", field=field)
    kept = [choice for choice in offered if choice in value]
    strange = [str(choice) for choice in value if choice not in offered]
    if strange:
        raise FormChangeRefused(
            why="wider", field=field, choice=strange[0][:40], known=", ".join(offered)
        )
    if not kept:
        raise FormChangeRefused(why="none", field=field, known=", ".join(offered))
    return kept


def _own(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return a question of an area's own, whole: its kind, its words in both languages."""
    kind = value.get("type")
    if kind not in KINDS:
        raise FormChangeRefused(why="type", field=str(value.get("type"))[:40])
    label, hint = value.get("label") or {}, value.get("hint") or {}
    found: dict[str, Any] = {
        "type": kind,
        "label": {language: _text(label.get(language, "")) for language in LANGUAGES},
        "required": value.get("required") is True,
    }
    if isinstance(value.get("after"), str):
        found["after"] = value["after"]  # else it stands last
    if any(hint.values()):
        found["hint"] = {language: _text(hint.get(language, "")) for language in LANGUAGES}
    if kind == "choice":
        found["choices"] = _own_choices(value.get("choices") or ())
    return found


def _own_choices(choices: Any) -> list[dict[str, str]]:
    found = [
        {language: _text(one.get(language, ""), longest=LONGEST_CHOICE) for language in LANGUAGES}
        for one in choices
    ]
    texts = {one["zh-CN"] for one in found}
    if not 2 <= len(found) <= MOST_CHOICES or len(texts) != len(found):
        raise FormChangeRefused(why="few", field="", most=MOST_CHOICES)
    return found
