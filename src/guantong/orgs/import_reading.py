"""From the sheets of a file to the rows of a plan: headings mapped, telephones sealed at once.

A telephone or number of identity never stands clear in a plan: it is checked, marked and sealed as
it is read. What has the wrong form is a doubt and is not kept; the importer enters it anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from guantong.base.sealing import seal
from guantong.orgs.columns import FIELDS, SheetKind, field_of, kind_of, nearest
from guantong.orgs.errors import SheetRefused
from guantong.orgs.identity import is_identity, is_mobile, plain_identity, plain_mobile
from guantong.orgs.import_rows import Doubt, Row
from guantong.orgs.people import identity_mark, mobile_mark
from guantong.orgs.workbook import Sheet

# Headings stand in the first rows; a title and a note may stand above them.
HEADING_ROWS = 10
SEALED = ("mobile", "identity")


@dataclass(slots=True)
class ReadFile:
    """What a file gave: rows, their sealed values by (sheet, number), headings nobody knows."""

    rows: list[Row] = field(default_factory=list)
    sealed: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)
    remarks: list[dict[str, str]] = field(default_factory=list)


def read_rows(sheets: Sequence[Sheet], mapping: Mapping[str, str]) -> ReadFile:
    """Return the rows of all sheets that have headings of units or of people.

    ``mapping`` says what headings mean that the platform does not know: heading → field, or empty
    for a column to be left out.
    """
    read, found = ReadFile(), False
    for sheet in sheets:
        head = _headings(sheet, mapping)
        if head is None:
            if any(any(row) for row in sheet.rows):
                read.remarks.append({"code": "sheet-left-out", "sheet": sheet.name})
            continue
        found = True
        kind, at, columns = head
        _remark_unknown(sheet, kind, at, columns, mapping, read)
        _read_sheet(sheet, kind, at, columns, read)
    if not found:
        raise SheetRefused("headings")
    if not read.rows:
        raise SheetRefused("empty")
    return read


def _headings(
    sheet: Sheet, mapping: Mapping[str, str]
) -> tuple[SheetKind, int, dict[int, str]] | None:
    for at, row in enumerate(sheet.rows[:HEADING_ROWS]):
        # A heading that a person explained counts as the first name of its field.
        plain = [
            next((FIELDS[k][mapping[h]][0] for k in FIELDS if mapping.get(h) in FIELDS[k]), h)
            for h in row
        ]
        kind = kind_of(plain)
        if kind is None:
            continue
        columns: dict[int, str] = {}
        for column, heading in enumerate(row):
            meaning = mapping.get(heading) if heading in mapping else field_of(heading, kind)
            if meaning in FIELDS[kind] and meaning not in columns.values():
                columns[column] = str(meaning)
        return kind, at, columns
    return None


def _remark_unknown(
    sheet: Sheet,
    kind: SheetKind,
    at: int,
    columns: Mapping[int, str],
    mapping: Mapping[str, str],
    read: ReadFile,
) -> None:
    for column, heading in enumerate(sheet.rows[at]):
        if heading and column not in columns and mapping.get(heading) != "":
            near = nearest(heading, kind)
            read.remarks.append(
                {
                    "code": "heading", "sheet": sheet.name, "kind": kind, "heading": heading,
                    "nearest": near if near and near not in columns.values() else "",
                }
            )  # fmt: skip


def _read_sheet(
    sheet: Sheet, kind: SheetKind, at: int, columns: Mapping[int, str], read: ReadFile
) -> None:
    marked: dict[int, list[tuple[str, int]]] = {}
    for code, places in (("formula", sheet.formulas), ("merged", sheet.merged)):
        for place, column in sorted(places):
            marked.setdefault(place, []).append((code, column - 1))
    for place, cells in enumerate(sheet.rows[at + 1 :], start=at + 2):
        given = {
            name: cells[column]
            for column, name in columns.items()
            if column < len(cells) and cells[column]
        }
        if not given:
            continue
        noted = [
            Doubt.of(code, columns[column])
            for code, column in marked.get(place, ())
            if column in columns
        ]
        row = Row(sheet=kind, number=place, cells=given)
        sealed = take_secrets(row, noted)
        row.noted = tuple(noted)
        if any(sealed):
            read.sealed[kind, place] = sealed
        read.rows.append(row)


def take_secrets(row: Row, noted: list[Doubt]) -> tuple[str, str]:
    """Move telephone and number of identity out of the cells; return them sealed."""
    mobile = plain_mobile(row.cells.pop("mobile", ""))
    identity = plain_identity(row.cells.pop("identity", ""))
    if mobile and not is_mobile(mobile):
        noted.append(Doubt.of("mobile", "mobile"))
        mobile = ""
    if identity and not is_identity(identity):
        noted.append(Doubt.of("identity", "identity"))
        identity = ""
    row.mobile_mark, row.identity_mark = mobile_mark(mobile), identity_mark(identity)
    return (
        seal(mobile, about="orgs.import.mobile") if mobile else "",
        seal(identity, about="orgs.import.identity") if identity else "",
    )
