"""Forms of the pages of people, for ``parts/form.html``: what is asked, and what was wrong with it.

A refusal of the kernel comes back beside the field it is about; what was typed is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest

from guantong.base.errors import GuantongError
from guantong.base.words import say
from guantong.orgs.api import POST_CODES

# The field that a refusal is about, by its code.
_ABOUT = {
    "post-filled": "post", "post-already-held": "post", "post-unknown": "post",
    "end-before-beginning": "until", "acting-needs-end": "until", "appointment-ended": "on",
    "person-unknown": "number", "person-number-taken": "number", "field-empty": "name",
    "identity-wrong": "identity", "mobile-wrong": "mobile", "uscc-wrong": "uscc",
    "public-key-wrong": "public_key", "delegation-to-oneself": "number",
    "delegation-not-held": "post", "delegation-to-outsider": "number",
    "delegation-too-long": "until", "delegation-already": "until", "unit-code-taken": "code",
    "unit-nothing-to-take": "takes", "unit-unknown": "into", "unit-merged-into-itself": "into",
    "unit-day-before-founding": "on", "place-unknown": "area", "line-unknown": "line",
    "chain-link-unknown": "chain", "chain-empty": "chain", "chain-twice": "chain",
    "chain-after-nobody": "chain", "chain-itself": "chain", "chain-ring": "chain",
    "chain-day-taken": "on", "parameter-outside-range": "value", "parameter-too-early": "on",
    "parameter-span-empty": "until", "parameter-reason-missing": "why",
    "parameter-area-unknown": "area", "application-already-installed": "why",
    "application-not-installed": "why", "application-not-newer": "why", "rule-too-early": "on",
}  # fmt: skip


class NotADay(GuantongError):
    """A field that should hold a day does not."""

    code = "people-not-a-day"


def field(
    name: str,
    label: str,
    *,
    widget: str = "text",
    value: object = "",
    required: bool = True,
    hint: str | None = None,
    options: Sequence[Mapping[str, str]] = (),
    error: str | None = None,
    accept: str | None = None,
    max_length: int | None = 100,
) -> dict[str, object]:
    """Return one field of a form."""
    return {
        "name": name, "label": label, "hint": hint, "widget": widget, "value": value,
        "required": required, "options": list(options), "error": error, "prefilled_from": None,
        "prefilled_at": None, "max_length": max_length, "accept": accept,
    }  # fmt: skip


def form(
    action: str,
    fields: Sequence[dict[str, object]],
    button: str,
    *,
    refused: GuantongError | None = None,
    language: str,
    hidden: Mapping[str, object] | None = None,
    note: str | None = None,
    danger: bool = False,
    multipart: bool = False,
) -> dict[str, object]:
    """Return a form with one button; a refusal stands beside its field and in the summary."""
    errors: list[dict[str, str]] = []
    if refused is not None:
        sentence = refused.sentence(language)
        names = [str(item["name"]) for item in fields]
        about = str(getattr(refused, "field", "") or _ABOUT.get(refused.code, ""))
        about = about if about in names else (names[0] if names else "")
        for item in fields:
            if item["name"] == about:
                item["error"] = sentence
        errors.append({"field": about, "sentence": sentence})
    return {
        "action": action, "title": None, "multipart": multipart,
        "hidden": [{"name": k, "value": v} for k, v in (hidden or {}).items()],
        "fields": list(fields), "errors": errors, "note": note,
        "buttons": [
            {"name": "", "value": "", "label": button, "kind": "danger" if danger else ""}
        ],
    }  # fmt: skip


def given(request: HttpRequest, name: str, *, most: int = 200) -> str:
    """Return what was typed into a field, without spaces around it, and never endlessly long."""
    return request.POST.get(name, "").strip()[:most]


def given_day(request: HttpRequest, name: str, *, otherwise: date | None = None) -> date | None:
    """Return the day in a field; a text that is no day is refused beside it."""
    text = given(request, name)
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        refusal = NotADay()
        refusal.field = name  # type: ignore[attr-defined]
        raise refusal from None


def needed_day(request: HttpRequest, name: str, *, otherwise: date | None = None) -> date:
    """Return the day in a field that must be filled."""
    found = given_day(request, name, otherwise=otherwise)
    if found is None:
        refusal = NotADay()
        refusal.field = name  # type: ignore[attr-defined]
        raise refusal
    return found


def day_field(
    name: str, label: str, value: object, language: str, *, required: bool = True, end: bool = False
) -> dict[str, object]:
    """Return a field for a day; an end is the first day on which it no longer holds."""
    hint = say("people.hint_end" if end else "people.hint_day", language)
    return field(name, label, widget="date", value=value, required=required, hint=hint)


def post_field(value: str, language: str) -> dict[str, object]:
    """Return the field that asks for a kind of post."""
    options = [{"value": code, "label": say(f"orgs.post.{code}", language)} for code in POST_CODES]
    return field(
        "post", say("people.post", language), widget="select", value=value, options=options
    )


def option(value: Any, label: str) -> dict[str, str]:
    """Return one thing to choose."""
    return {"value": str(value), "label": label}
