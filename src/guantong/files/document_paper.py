"""A document on paper: PDF and Word from the same words, made by ``guantong.files.press``.

The layout follows GB/T 9704-2012 (margins, type area, sizes; fonts fall back to what the machine
has). PDF needs libpango of the system: where that is missing, Word is still made, and ``pdf_fault``
says so.
"""

import ctypes
import functools
import subprocess
import sys
from dataclasses import dataclass

import orjson

from guantong.files.document_text import Draft, kinds
from guantong.files.errors import PressFailed

WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF_TYPE = "application/pdf"
SECONDS = 60.0
# What weasyprint loads (its documentation, "First steps"), by the names of Linux.
_LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libfontconfig.so.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """All that is printed of one document."""

    draft: Draft
    agency: str
    number: str
    date: str
    code: str
    verify: str
    exercise: bool
    sealed: bool

    def told(self) -> bytes:
        """Return what fills the places of the templates, as JSON."""
        draft = self.draft
        return orjson.dumps(
            {
                "kind": draft.kind, "agency": self.agency, "head": kinds()[draft.kind].head,
                "number": self.number, "title": draft.title, "addressee": draft.addressee,
                "paragraphs": draft.paragraphs, "issuer": self.agency, "date": self.date,
                "code": self.code, "verify": self.verify, "exercise": self.exercise,
                "sealed": self.sealed, "slip": draft.kind == "rectification_order",
            }
        )  # fmt: skip


@functools.cache
def pdf_fault() -> str | None:
    """Return the library without which no PDF can be made here; None when all are there."""
    for name in _LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            return name
    return None


def pdf(paper: Paper) -> bytes:
    """Return the PDF."""
    return _press("pdf", paper)


def word(paper: Paper) -> bytes:
    """Return the Word file."""
    return _press("word", paper)


def _press(what: str, paper: Paper) -> bytes:
    try:
        # Nothing of our own environment goes along: no key, no address of the store.
        made = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-I", "-m", "guantong.files.press", what], input=paper.told(),
            env={"LANG": "C.UTF-8", "HOME": "/nonexistent"}, timeout=SECONDS, check=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        raise PressFailed() from None
    return made.stdout
