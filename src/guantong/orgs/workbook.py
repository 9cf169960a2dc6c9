"""Files that people bring: Excel workbooks and CSV texts, read into rows of text with bounds.

A workbook is looked at before it is read: what it is by its content, how much it unpacks to, how
far its cells reach. A sheet that reaches to row 1,048,576, or unpacks a thousandfold, is refused
here with one sentence, before a reader would give it memory. Formula and merged cells are noted,
because what they show is not what somebody entered. Pure: bytes in, rows out.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from guantong.orgs.errors import SheetRefused

# 100,000 people with room to spare, in memory that a web process can give.
MOST_ROWS = 150_000
MOST_COLUMNS = 40
MOST_UNPACKED_MB = 256
MOST_PACKED_BYTES = 40 * 1024 * 1024
_CHUNK = 1 << 20
_OVERLAP = 512

_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,8})"')
_CELL = re.compile(rb'<(?:\w+:)?c\b(?:[^>]*?\br="([A-Z]{1,3})(\d{1,8})")?')
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,8})"[^>]*>\s*<(?:\w+:)?f[\s>/]')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3})(\d{1,8}):([A-Z]{1,3})(\d+)"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*?>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*?>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


@dataclass(slots=True)
class Sheet:
    """One sheet: its rows as text from the first row on, and where text cannot be trusted."""

    name: str
    rows: list[list[str]]
    # (row, column), both counted from one.
    formulas: set[tuple[int, int]] = field(default_factory=set)
    merged: set[tuple[int, int]] = field(default_factory=set)


def read_book(data: bytes) -> list[Sheet]:
    """Return the sheets of a file, whatever its name says it is."""
    if len(data) > MOST_PACKED_BYTES:
        raise SheetRefused("large", most=MOST_UNPACKED_MB)
    if data[:4] == b"PK\x03\x04":
        return _read_workbook(data)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise SheetRefused("old")
    if not data.strip() or b"\x00" in data[:4096] or data[:5] in (b"%PDF-", b"{\\rtf"):
        raise SheetRefused("kind" if data.strip() else "empty")
    return [_read_text(data)]


def _read_text(data: bytes) -> Sheet:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise SheetRefused("text")
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            if len(row) > MOST_COLUMNS:
                raise SheetRefused("columns", sheet="CSV", column=len(row), most=MOST_COLUMNS)
            rows.append([cell.strip() for cell in row])
            if len(rows) > MOST_ROWS:
                raise SheetRefused("rows", sheet="CSV", row=len(rows), most=MOST_ROWS)
    except csv.Error:
        raise SheetRefused("kind") from None
    return Sheet(name="CSV", rows=rows)


def _read_workbook(data: bytes) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    marks = _look(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for name in book.sheet_names:
            formulas, merged = marks.get(name, (set(), set()))
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            sheets.append(
                Sheet(
                    name=name,
                    rows=[[text_of(cell) for cell in row] for row in rows],
                    formulas=formulas,
                    merged=merged,
                )
            )
    except (CalamineError, OSError, ValueError):
        raise SheetRefused("damaged") from None
    return sheets


def text_of(cell: object) -> str:
    """Return a cell as the text that a person sees: a whole number without a point."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


_Marks = dict[str, tuple[set[tuple[int, int]], set[tuple[int, int]]]]


def _look(data: bytes) -> _Marks:
    """Bound a workbook before it is read; return its formula and merged cells by sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if "xl/workbook.xml" not in packed.namelist():
                raise SheetRefused("kind")
            names = _sheet_names(packed)
            left = MOST_UNPACKED_MB * 1024 * 1024
            marks: _Marks = {}
            for entry in packed.infolist():
                # Any part may be named as a sheet, whatever it is called and wherever it lies.
                name = names.get(entry.filename)
                formulas, merged = set[tuple[int, int]](), set[tuple[int, int]]()
                left = _look_at_sheet(packed, entry, name or "", left, formulas, merged)
                if name is not None:
                    marks[name] = (formulas, merged)
            return marks
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError):
        raise SheetRefused("damaged") from None


def _look_at_sheet(
    packed: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    name: str,
    left: int,
    formulas: set[tuple[int, int]],
    merged: set[tuple[int, int]],
) -> int:
    tail, cells = b"", 0
    for chunk in _chunks(packed, entry):
        left -= len(chunk)
        if left < 0:
            raise SheetRefused("large", most=MOST_UNPACKED_MB)
        text = tail + chunk
        for row in _ROW.findall(text):
            if int(row) > MOST_ROWS:
                raise SheetRefused("rows", sheet=name, row=int(row), most=MOST_ROWS)
        found = _CELL.findall(text)
        cells += len(found)
        for letters in {letters for letters, _ in found}:
            if _column(letters) > MOST_COLUMNS:
                raise SheetRefused(
                    "columns", sheet=name, column=letters.decode(), most=MOST_COLUMNS
                )
        if cells > MOST_ROWS * MOST_COLUMNS or any(int(row or 0) > MOST_ROWS for _, row in found):
            raise SheetRefused("rows", sheet=name, row=MOST_ROWS + 1, most=MOST_ROWS)
        if b"<f" in text or b":f" in text:
            formulas |= {(int(row), _column(letters)) for letters, row in _FORMULA.findall(text)}
        for left_column, top, right_column, bottom in _MERGED.findall(text):
            merged |= _cells_of(left_column, int(top), right_column, int(bottom))
        tail = text[-_OVERLAP:]
    return left


def _cells_of(left: bytes, top: int, right: bytes, bottom: int) -> set[tuple[int, int]]:
    rows = range(top, min(bottom, top + 1000) + 1)
    columns = range(_column(left), min(_column(right), MOST_COLUMNS) + 1)
    return {(row, column) for row in rows for column in columns}


def _chunks(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with packed.open(entry) as part:
        while chunk := part.read(_CHUNK):
            yield chunk


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet_names(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return the name of each sheet by the path of its part."""
    with packed.open("xl/workbook.xml") as part:
        book = part.read(_CHUNK)
    try:
        with packed.open("xl/_rels/workbook.xml.rels") as part:
            relations = part.read(_CHUNK)
    except KeyError:
        return {}
    targets = {}
    for text in _RELATION.findall(relations):
        facts = dict(_ATTRIBUTE.findall(text))
        target = facts.get(b"Target", b"").decode("utf-8", "replace")
        targets[facts.get(b"Id", b"")] = target.lstrip("/").removeprefix("xl/")
    names = {}
    for text in _SHEET.findall(book):
        facts = dict(_ATTRIBUTE.findall(text))
        id = next((value for key, value in facts.items() if key.endswith(b":id")), b"")
        if id in targets:
            name = facts.get(b"name", b"").decode("utf-8", "replace")
            for sign, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
                name = name.replace(sign, plain)
            names[f"xl/{targets[id]}"] = name
    return names
