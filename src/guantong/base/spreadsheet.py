"""Cells of a table that people open in a spreadsheet: what somebody typed is never calculated.

A text that begins like a formula is run by Excel and its kin when the file is opened, wherever it
came from (OWASP, CSV injection). Every file of rows that leaves the platform goes through here.
"""

from typing import TypeVar

Cell = TypeVar("Cell")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_text(cell: Cell) -> Cell | str:
    """Return a cell so that a spreadsheet takes it for text; a number stays a number."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
