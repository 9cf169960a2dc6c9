"""What an area can say differently of a package, and what the package itself says there.

An entry is one word in one language (``words/zh-CN/node.look``) or one property of one field of
a form (``forms/look/found/required``). Each is kept, dated, merged and taken back by itself: who
rewords a step in Chinese has said nothing about its English. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from guantong.forms.api import Field, Form
from guantong.packages.areas.errors import EntryUnknown
from guantong.packages.package import Package

LANGUAGES = ("zh-CN", "en")
WORDS, FORMS = "words", "forms"
# Of a field of the package; ``own`` is a field that the area has added.
TEXTS = ("label", "hint")
PROPERTIES = ("required", "choices", "after")
OWN = "own"

# A text, yes, choices or the parts of an added field: whatever JSON can hold.
Value = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that can be said differently; ``about`` is the property of a field."""

    kind: str
    language: str = ""
    key: str = ""
    form: str = ""
    field: str = ""
    about: str = ""

    def __str__(self) -> str:
        """Return the entry as the store and the log name it."""
        if self.kind == WORDS:
            return f"{WORDS}/{self.language}/{self.key}"
        language = f"/{self.language}" if self.language else ""
        return f"{FORMS}/{self.form}/{self.field}/{self.about}{language}"

    @property
    def is_text(self) -> bool:
        """Whether what is said is one text in one language."""
        return self.language != ""


def word_entry(language: str, key: str) -> Entry:
    """Return the entry of a word."""
    return Entry(kind=WORDS, language=language, key=key)


def text_entry(form: str, field: str, about: str, language: str) -> Entry:
    """Return the entry of a field's label or hint."""
    return Entry(kind=FORMS, form=form, field=field, about=about, language=language)


def property_entry(form: str, field: str, about: str) -> Entry:
    """Return the entry of a property of a field, or of an added field."""
    return Entry(kind=FORMS, form=form, field=field, about=about)


def read(path: str) -> Entry:
    """Return the entry that the store names so, or refuse."""
    kind, _, rest = path.partition("/")
    if kind == WORDS:
        language, _, key = rest.partition("/")
        if language in LANGUAGES and key:
            return word_entry(language, key)
    elif kind == FORMS:
        match rest.split("/"):
            case [form, field, about, language] if about in TEXTS and language in LANGUAGES:
                return text_entry(form, field, about, language)
            case [form, field, about] if about in (*PROPERTIES, OWN):
                return property_entry(form, field, about)
    raise EntryUnknown(entry=path[:80])


def said_by(package: Package, entry: Entry) -> Value | None:
    """Return what the package itself says there; None where it has no such thing."""
    if entry.kind == WORDS:
        return package.own_words(entry.language).get(entry.key)
    form = package.forms.get(entry.form)
    field = None if form is None else field_of(form, entry.field)
    if form is None or field is None:
        return None
    words = package.own_words(entry.language)
    match entry.about:
        case "label":
            return words.get(field.label, "")
        case "hint":
            return words.get(field.hint, "") if field.hint is not None else ""
        case "required":
            return field.required
        case "choices":
            return choices_of(form, field)
        case "after":
            return before(form, entry.field)
        case _:
            return {"type": field.type}


def field_of(form: Form, name: str) -> Field | None:
    """Return a field of a form by its name."""
    return next((field for field in form.fields if field.name == name), None)


def choices_of(form: Form, field: Field) -> list[str] | None:
    """Return the answers a field offers; None where it is no choice among texts."""
    offered = form.schema["properties"][field.name].get("enum")
    return list(offered) if offered and field.type == "string" else None


def before(form: Form, name: str) -> str:
    """Return the field after which a field is asked; an empty text for the first one."""
    names = ["", *(field.name for field in form.fields)]
    return names[names.index(name) - 1]


# What people of an area read about its own cases and tasks, by the subject under which it is
# offered. Figures, rankings and pages of the whole province are no area's to word.
SUBJECTS = ("steps", "forms", "choices", "titles")


def rewordable(package: Package) -> Mapping[str, str]:
    """Return the keys of the words an area may say differently, each with its subject."""
    found: dict[str, str] = {}
    for key, subject in _rewordable(package):
        if key in package.own_words("zh-CN"):
            found.setdefault(key, subject)
    return found


def _rewordable(package: Package) -> Iterator[tuple[str, str]]:
    for graph in package.flows.values():
        for node in graph.nodes.values():
            yield f"node.{node.id}", "steps"
            for flow in node.outgoing:
                yield f"flow.{flow.id}", "steps"
    for document in package.each("plans"):
        for item in document.data["items"]:
            yield item["title"], "steps"
    for form in package.forms.values():
        yield form.title, "forms"
        for field in form.fields:
            for key in (field.label, field.hint):
                if key is not None:
                    yield key, "forms"
            for option in field.options:
                yield option.label, "choices"
                yield f"value.{option.value}", "choices"
    yield "case.title", "titles"
    for document in package.each("signals"):
        yield document.data["title"], "titles"
        yield f"matter.{document.stem}", "titles"
