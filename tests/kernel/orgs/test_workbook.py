"""Files that should not be read are refused with one sentence, quickly and in little memory."""

import io
import time
import tracemalloc
import zipfile

import pytest
from openpyxl import Workbook

from guantong.orgs import workbook
from guantong.orgs.columns import kind_of, nearest
from guantong.orgs.errors import SheetRefused
from guantong.orgs.workbook import MOST_ROWS, read_book

CONTENT = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    'main"><sheetData>{}</sheetData></worksheet>'
)
BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://'
    'schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="人员"'
    ' sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def packed(rows: str, **more: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", BOOK)
        book.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        book.writestr("xl/worksheets/sheet1.xml", CONTENT.format(rows))
        for name, content in more.items():
            book.writestr(f"xl/{name}.xml", content)
    return buffer.getvalue()


def refused(data: bytes) -> str:
    """Return the code of the refusal; reading took no time and no memory to speak of."""
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(SheetRefused) as refusal:
        read_book(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024
    assert time.process_time() - begun < 60  # only ends what hangs
    return refusal.value.code


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_UNPACKED_MB", 16)
    bomb = packed("", sharedStrings=b" " * (40 * 1024 * 1024))

    assert len(bomb) < 1024 * 1024
    assert refused(bomb) == "sheet-large"


def test_a_sheet_that_reaches_to_the_last_row_is_refused() -> None:
    assert refused(packed('<row r="1048576"><c r="A1048576"/></row>')) == "sheet-rows"


def test_a_million_empty_rows_are_refused() -> None:
    rows = "".join(f'<row r="{n}"/>' for n in range(1, 1_048_577))

    assert refused(packed(rows)) == "sheet-rows"


def test_a_cell_in_the_last_column_is_refused() -> None:
    assert refused(packed('<row r="1"><c r="XFD1"/></row>')) == "sheet-columns"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7 ...", "sheet-kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "sheet-kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "sheet-old"),
        (b"PK\x03\x04 but no archive", "sheet-damaged"),
        (b"", "sheet-empty"),
        (b"name\xff\xfe\xff\xff,\x81", "sheet-text"),
    ],
)
def test_what_is_no_table_by_its_content_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as other:
        other.writestr("word/document.xml", "<w/>")

    assert refused(buffer.getvalue()) == "sheet-kind"


def test_a_long_csv_is_refused() -> None:
    assert refused(b"a,b\n" + b"1,2\n" * (MOST_ROWS + 1)) == "sheet-rows"


def test_cells_are_read_as_people_see_them_and_formulas_and_merged_cells_are_noted() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "人员"
    sheet.append(["编号", "手机", "日期"])
    sheet.append([1001, 13800000001, "=TODAY()"])
    sheet.merge_cells("A2:A3")
    buffer = io.BytesIO()
    book.save(buffer)

    (read,) = read_book(buffer.getvalue())

    assert read.rows[1][:2] == ["1001", "13800000001"]
    assert read.formulas == {(2, 3)}
    assert read.merged == {(2, 1), (3, 1)}


def test_headings_are_known_under_their_usual_names() -> None:
    assert kind_of(["*工号", "姓名（必填）", "手机号"]) == "people"
    assert kind_of(["Unit code", "Unit name"]) == "units"
    assert kind_of(["colour", "size"]) is None
    assert nearest("手机号吗", "people") == "mobile"
    assert nearest("????", "people") is None
