"""What a document says: its kinds, and the text that is proposed from the facts of a record.

The words of each kind stand in ``data/documents.yaml``. Official documents are written in Chinese
(Law on the Standard Spoken and Written Chinese Language, art. 9), whatever language a page is read
in. What only a person can know is left open as ``（待填：…）``; with that in it, nothing is issued.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from guantong.base.declared import read_declared
from guantong.files.document_number import is_word
from guantong.files.errors import DocumentWrong

MOST_TITLE, MOST_ADDRESSEE, MOST_BODY = 100, 200, 8_000
OPEN = "（待填"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of document: its name in Chinese, and the texts proposed for it."""

    id: str
    name: str
    head: str
    title: str
    addressee: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A document as it is typed, before it has a number."""

    kind: str
    agency_word: str
    title: str
    addressee: str
    body: str

    @property
    def paragraphs(self) -> list[str]:
        """The body, a paragraph for each line."""
        return [line.strip() for line in self.body.splitlines() if line.strip()]


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its id, in the order in which they are offered."""
    text = (resources.files("guantong.files") / "data" / "documents.yaml").read_text("utf-8")
    return {id: Kind(id=id, **told) for id, told in read_declared(text).items()}


def propose(kind: str, facts: Mapping[str, str], *, agency_word: str) -> Draft:
    """Return a draft of a kind with the facts of a record filled in; the rest stays open."""
    told = kinds()[kind]
    known: Mapping[str, Any] = _Known(facts)
    return Draft(
        kind=kind, agency_word=agency_word, title=told.title.format_map(known),
        addressee=told.addressee.format_map(known), body=told.body.format_map(known).strip(),
    )  # fmt: skip


def faults(draft: Draft) -> dict[str, str]:
    """Return what is wrong with a draft: the field, and the key of the sentence beside it."""
    found: dict[str, str] = {}
    if not is_word(draft.agency_word):
        found["agency_word"] = "document.error.agency_word"
    for field, text, most in (
        ("title", draft.title, MOST_TITLE), ("addressee", draft.addressee, MOST_ADDRESSEE),
        ("body", draft.body, MOST_BODY),
    ):  # fmt: skip
        if not text.strip():
            found[field] = "document.error.empty"
        elif len(text) > most:
            found[field] = "document.error.long"
        elif OPEN in text:
            found[field] = "document.error.open"
        elif re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text):
            found[field] = "document.error.characters"
    return found


def refuse_unsound(draft: Draft) -> None:
    """Refuse a draft in which something is missing."""
    wrong = faults(draft)
    if draft.kind not in kinds() or wrong:
        raise DocumentWrong(fields=", ".join(wrong) or "kind")


_PLACES = {
    "matter": "事项", "number": "事件编号", "place": "地点", "level": "等级", "opened": "发生时间",
    "limit": "办理时限", "holder": "主送单位", "coordinating": "主送单位", "steps": "办理情况",
    "tasks": "任务完成情况",
}  # fmt: skip


class _Known(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"{OPEN}：{_PLACES[name]}）"
