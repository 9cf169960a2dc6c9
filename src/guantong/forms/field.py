"""One question of a form: what it is called, how it is asked, what may be answered."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Option:
    """One answer to choose: its value as a page posts it, and the key of its words."""

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One field in the order of the layout; a bound that is not set is none.

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
