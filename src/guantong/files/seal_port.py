"""The port to an electronic seal service (电子印章), and what stands there where there is none.

A seal is put on the PDF by the province's seal service, which holds the seals and their
certificates (GB/T 38540-2020); we hold none. Without a service the document says in words that it
bears no electronic seal, and shows where the seal of ink goes. The protocol: docs/kernel/files.md.
"""

import base64
import os
from dataclasses import dataclass
from typing import Protocol

from guantong.base.http_port import PortAway, ask
from guantong.files.errors import SealRefused

_MOST = 40 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stamped:
    """A PDF with its seal, and the service's own number for it."""

    pdf: bytes
    seal_number: str


class SealService(Protocol):
    """Puts the seal of a unit on a PDF."""

    @property
    def puts_seals(self) -> bool:
        """Whether a seal is put at all; the text of the document depends on it."""
        ...

    def stamp(self, pdf: bytes, *, unit_code: str, number: str, code: str) -> Stamped:
        """Return the PDF with the unit's seal, or refuse: then nothing is issued."""
        ...


class NoSeal:
    """The null service: the PDF stays as it is."""

    puts_seals = False

    def stamp(self, pdf: bytes, *, unit_code: str, number: str, code: str) -> Stamped:
        """Return the PDF as it is."""
        return Stamped(pdf, "")


class HttpSeal:
    """A seal service over HTTP: ``POST <address>/seal``."""

    puts_seals = True

    def __init__(self, address: str, token_file: str | None) -> None:
        self._address, self._token_file = address, token_file

    def stamp(self, pdf: bytes, *, unit_code: str, number: str, code: str) -> Stamped:
        """Send the PDF and take back the one with the seal."""
        facts = {
            "unit_code": unit_code, "number": number, "code": code,
            "pdf": base64.b64encode(pdf).decode(),
        }  # fmt: skip
        try:
            told = ask(self._address, "seal", facts, token_file=self._token_file, most=_MOST)
            stamped = base64.b64decode(told["pdf"], validate=True)
            seal_number = told["seal_number"]
        except (PortAway, KeyError, ValueError) as fault:
            raise SealRefused(why=type(fault).__name__) from None
        if not stamped.startswith(b"%PDF-") or not seal_number:
            raise SealRefused(why="no PDF")
        return Stamped(stamped, seal_number[:100])


def seal_service() -> SealService:
    """Return the service the environment names: ``GUANTONG_SEAL``."""
    address = os.environ.get("GUANTONG_SEAL")
    return HttpSeal(address, os.environ.get("GUANTONG_SEAL_TOKEN_FILE")) if address else NoSeal()
