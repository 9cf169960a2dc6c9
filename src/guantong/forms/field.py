"""One question of a form: what it is called, how it is asked, what may be answered."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from guantong.base import words


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one answer. Never holds the answer itself: it may be personal data."""

    field: str
    code: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def sentence(self, language: str = "en") -> str:
        """Return what is wrong and what to enter."""
        return words.say(f"form.answer.{self.code}", language, **self.facts)


@dataclass(frozen=True)
class Option:
    """One answer to choose: its value as a page posts it, and the key of its words."""

    value: str
    label: str


@dataclass(frozen=True)
class Given:
    """A file given as an answer, as the caller found it to be: by its content, not by its name."""

    digest: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Field:
    """One field in the order of the layout; a bound that is not set is none.

    A field of files says which media types it takes, how many files, and how large each may be.

    ``type`` is the JSON Schema type, ``label`` and ``hint`` are message keys, ``prefill`` is
    the case variable (a dotted path) that fills it in advance. The words of an option are
    found under the label's key, a dot and the value.
    """

    name: str
    type: str
    widget: str
    label: str
    hint: str | None = None
    prefill: str | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    accepts: tuple[str, ...] = ()
    least_files: int = 0
    most_files: int = 0
    most_bytes: int = 0

    def refuses(self, one: Given) -> FieldError | None:
        """Return what is wrong with one file given for this field of files."""
        if one.media_type not in self.accepts:
            return self.wrong_kind()
        if one.size > self.most_bytes:
            most = max(1, self.most_bytes // (1024 * 1024))
            return FieldError(self.name, "too-large-a-file", {"bound": most})
        return None

    def wrong_kind(self) -> FieldError:
        """Return that a file is of no kind that is asked for here."""
        kinds = ", ".join(kind.rpartition("/")[2] for kind in self.accepts)
        return FieldError(self.name, "wrong-kind-of-file", {"known": kinds})
