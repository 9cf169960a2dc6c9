"""Entries and what is said of them, as people read them: on pages, in files, in a command."""

from collections.abc import Iterator

from guantong.base.words import LANGUAGES, say
from guantong.packages.areas.entry import (
    OWN,
    WORDS,
    Entry,
    Value,
    field_of,
)
from guantong.packages.areas.merge import AreaConflict
from guantong.packages.package import Package


def entry_title(package: Package, entry: Entry, language: str) -> str:
    """Return what an entry is about: the word of the package itself, or the form and its field."""
    title = _title(package, entry, language)
    if not entry.language:
        return title
    named = say(f"area.in.{entry.language}", language)
    return say("area.said_in", language, title=title, language=named)


def _title(package: Package, entry: Entry, language: str) -> str:
    if entry.kind == WORDS:
        own = package.own_words(language).get(entry.key, entry.key)
        return say("area.entry.word", language, word=own)
    form = package.forms.get(entry.form)
    field = field_of(form, entry.field) if form is not None else None
    title = package.say(form.title, language) if form is not None else entry.form
    if entry.about == OWN:
        return say("area.entry.own", language, form=title)
    asked = package.say(field.label, language) if field is not None else entry.field
    return say(f"area.entry.{entry.about}", language, form=title, field=asked)


def entry_value(package: Package, entry: Entry, value: Value | None, language: str) -> str:
    """Return what is said of an entry; what is not there is said to be gone."""
    if value is None:
        return say("area.value.gone", language)
    if entry.is_text:
        return str(value) or say("area.value.nothing", language)
    words = package.own_words(language)
    match entry.about:
        case "required":
            return say("area.value.required" if value else "area.value.optional", language)
        case "choices":
            comma = say("list.and", language)
            return comma.join(words.get(f"value.{choice}", choice) for choice in value)
        case "after":
            return _after(package, entry.form, value, language)
        case _:
            return " · ".join(_own(value, language))


def _after(package: Package, form_id: str, name: str, language: str) -> str:
    if not name:
        return say("area.value.first", language)
    form = package.forms.get(form_id)
    field = field_of(form, name) if form is not None else None
    asked = package.say(field.label, language) if field is not None else name
    return say("area.value.after", language, field=asked)


def _own(value: Value, language: str) -> Iterator[str]:
    if "label" in value:
        yield value["label"][language if language in LANGUAGES else "en"]
    yield say(f"area.kind.{value['type']}", language)
    if value.get("choices"):
        yield say("list.and", language).join(choice[language] for choice in value["choices"])
    yield say("area.value.required" if value.get("required") else "area.value.optional", language)


def reason_words(conflict: AreaConflict, language: str) -> str:
    """Say why a word of an area is in conflict."""
    if conflict.refusal is not None:
        return conflict.refusal.sentence(language)
    return say(f"area.why.{conflict.why}", language)


def area_conflict_words(
    conflict: AreaConflict, base: Package, theirs: Package, language: str
) -> str:
    """Say which word of an area is in conflict, with all three that are compared."""
    one = conflict.difference
    return say(
        "area.conflict", language, area=one.division_code,
        entry=entry_title(base, one.entry, language), why=reason_words(conflict, language),
        base=entry_value(base, one.entry, conflict.base, language),
        theirs=entry_value(theirs, one.entry, conflict.theirs, language),
        ours=entry_value(theirs, one.entry, one.value, language),
    )  # fmt: skip
