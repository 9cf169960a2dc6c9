"""The organisation book as a file: the same headings that an import reads, so it can come back.

An exported file imported again changes nothing. Telephones and numbers of identity are left out:
whoever brings the file back without those columns leaves them as they are.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from guantong.base.spreadsheet import as_text
from guantong.orgs.book import Cut, book_chains, book_people, book_units
from guantong.orgs.columns import FIELDS, PEOPLE_FIELDS, UNIT_FIELDS, SheetKind
from guantong.orgs.line import OFFICE, lines
from guantong.orgs.responsibility import chain_words, line_name

_SHEETS = {
    "units": ("单位", "Units"), "people": ("岗位人员", "People"),
    "chains": ("承接顺序", "Fallback chains"),
}  # fmt: skip
_KINDS = {"held": ("任职", "held"), "acting": ("代理", "acting")}
_POSTS = {
    "head": ("主要负责人", "head"), "deputy_head": ("副职负责人", "deputy_head"),
    "duty": ("值班员", "duty"), "second_duty": ("副值班员", "second_duty"),
    "administrator": ("单位管理员", "administrator"), "staff": ("工作人员", "staff"),
}  # fmt: skip
_EXPORTED = ("number", "name", "unit", "post", "title", "kind", "valid_from", "valid_to", "basis")


def headings(kind: SheetKind, language: str) -> list[str]:
    """Return the headings of a sheet in one language."""
    place = 0 if language == "zh-CN" else 1
    return [names[place] for names in FIELDS[kind].values()]


def template(language: str) -> bytes:
    """Return an empty workbook with the headings and one invented row on each sheet."""
    sample_units = ("office-001", "温岭市水利局办公室", "Office", "water@331081", "", "")
    sample_people = (
        "WL-0001", "张三", "office-001", _POSTS["staff"][0 if language == "zh-CN" else 1],
        "科员", _KINDS["held"][0 if language == "zh-CN" else 1], "2026-11-22", "", "", "", "",
    )  # fmt: skip
    sample_chains = (
        line_name("health", language), chain_words(("next_tier", "area"), language),
        "331081000000", "2026-12-01", "",
    )  # fmt: skip
    return _workbook(
        [("units", [sample_units]), ("people", [sample_people]), ("chains", [sample_chains])],
        language,
    )


def book_workbook(units: Cut, people: Cut, chains: Cut, *, on: date, language: str) -> bytes:
    """Return the book as a workbook with all its sheets."""
    return _workbook(
        [
            ("units", _units(book_units(units, on=on), language)),
            ("people", _people(book_people(people, on=on), language)),
            ("chains", _chains(book_chains(chains), language)),
        ],
        language,
    )


def book_text(kind: SheetKind, cut: Cut, *, on: date, language: str) -> Iterator[str]:
    """Yield one sheet of the book as CSV in UTF-8 with a mark, as Excel opens it."""
    rows: Iterable[Sequence[str]]
    if kind == "units":
        rows = _units(book_units(cut, on=on), language)
    elif kind == "chains":
        rows = _chains(book_chains(cut), language)
    else:
        rows = _people(book_people(cut, on=on), language)
    head = headings(kind, language)
    yield "\ufeff" + _line(head[: len(_EXPORTED)] if kind == "people" else head)
    for row in rows:
        yield _line(row)


def _units(rows: Iterable[Sequence[str]], language: str) -> Iterator[Sequence[str]]:
    known = lines()
    for code, zh, en, parent, division, line in rows:
        named = known.get(line)
        word = "" if named is None or line == OFFICE else named.zh
        if named is not None and language != "zh-CN":
            word = named.en
        yield code, zh, en, parent, division, word


def _people(rows: Iterable[Sequence[str]], language: str) -> Iterator[Sequence[str]]:
    place = 0 if language == "zh-CN" else 1
    for number, name, unit, post, title, kind, since, until, basis in rows:
        # A title that is only the post's own word would come back as a title of its own.
        own = "" if title.startswith("orgs.post.") else title
        yield (
            number, name, unit, _POSTS[post][place], own, _KINDS[kind][place], since, until, basis
        )  # fmt: skip


def _chains(rows: Iterable[Sequence[str]], language: str) -> Iterator[Sequence[str]]:
    for line, chain, area, since, basis in rows:
        yield line_name(line, language), chain_words(chain.split(","), language), area, since, basis


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([as_text(cell) for cell in cells])
    return buffer.getvalue()


def _workbook(sheets: Iterable[tuple[SheetKind, Iterable[Sequence[str]]]], language: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    place = 0 if language == "zh-CN" else 1
    for kind, rows in sheets:
        sheet = book.create_sheet(_SHEETS[kind][place])
        sheet.freeze_panes = "A2"
        head = headings(kind, language)
        for number in range(1, len(head) + 1):
            sheet.column_dimensions[get_column_letter(number)].width = 20
        sheet.append(head)
        for row in rows:
            sheet.append([as_text(cell) for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


__all__ = ["PEOPLE_FIELDS", "UNIT_FIELDS", "book_text", "book_workbook", "headings", "template"]
