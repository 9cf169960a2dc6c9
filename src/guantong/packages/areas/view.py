"""The package as an area has it: its words with the area's before them.

The label of a field that an area words anew for one form gets a key of its own, because the
package's key may stand in other forms as well; what the area does not say in one language is
there what the package says. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from guantong.forms.api import Form
from guantong.packages.areas.difference import Edits
from guantong.packages.areas.entry import (
    FORMS,
    LANGUAGES,
    OWN,
    TEXTS,
    WORDS,
    Entry,
    Value,
    field_of,
)
from guantong.packages.areas.form import fitted_document, of_form, text_key
from guantong.packages.package import Package


def words_of(package: Package, edits: Edits) -> dict[str, dict[str, str]]:
    """Return the words that an area has before the package's, by language."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for entry, value in edits.items():
        if entry.kind == WORDS:
            found[entry.language][entry.key] = value
    for entry, value in edits.items():
        if entry.kind != FORMS:
            continue
        if entry.about == OWN:
            for language, key, text in _of_own(entry, value):
                found[language][key] = text
        elif entry.about in TEXTS:
            for language, key, text in _of_text(package, entry, value, found):
                # What the area says itself is not overwritten by what the package says.
                if language == entry.language or key not in found[language]:
                    found[language][key] = text
    # A choice an area adds must not rename one of the package.
    for language, words in found.items():
        for key in [k for k in words if k.startswith("value.") and _is_added(k, edits)]:
            if key in package.own_words(language):
                del words[key]
    return {language: words for language, words in found.items() if words}


def _is_added(key: str, edits: Edits) -> bool:
    return not any(e.kind == WORDS and e.key == key for e in edits)


def _of_text(
    package: Package, entry: Entry, value: Value, own: Mapping[str, Mapping[str, str]]
) -> Iterator[tuple[str, str, str]]:
    form = package.forms.get(entry.form)
    field = field_of(form, entry.field) if form is not None else None
    before = None if field is None else (field.label if entry.about == "label" else field.hint)
    key = text_key(entry.form, entry.field, entry.about)
    for language in LANGUAGES:
        words = {**package.words(language), **own[language]}
        if language == entry.language:
            yield language, key, value
        else:
            yield language, key, str(words.get(before, value) if before is not None else value)
        # A choice may be called otherwise in one field than elsewhere: under the label's key.
        for option in field.options if field is not None and entry.about == "label" else ():
            if option.label in words:
                yield language, f"{key}.{option.value}", words[option.label]


def _of_own(entry: Entry, value: Value) -> Iterator[tuple[str, str, str]]:
    for language in LANGUAGES:
        for about in TEXTS:
            if value.get(about):
                yield language, text_key(entry.form, entry.field, about), value[about][language]
        for choice in value.get("choices", ()):
            yield language, f"value.{choice['zh-CN']}", choice[language]


def as_area(package: Package, edits: Edits) -> Package:
    """Return the package with the area's words; its own where the area says nothing."""
    words = words_of(package, edits)
    return replace(package, area_words=words) if words else package


def whole(package: Package, edits: Edits) -> Package:
    """Return the package as the area has it, its forms as well: what the doctor looks at."""
    found = package
    for id, form in package.forms.items():
        own = of_form(edits, id)
        document = package.documents[f"forms/{id}.json"]
        if own:
            data = fitted_document(form.document(), own)
            found = found.changed(document.path, replace(document, data=data))
    return as_area(found, {e: v for e, v in edits.items() if _has_place(package.forms, e)})


def _has_place(forms: Mapping[str, Form], entry: Entry) -> bool:
    return entry.kind == WORDS or entry.form in forms
