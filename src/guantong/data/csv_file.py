"""A CSV file, read by the dialect of its contract whose columns it has.

``read_strict`` is all or nothing and is asked before anything is started; it touches no
database. ``read_file`` keeps the good rows and sets the others aside, each with its reasons;
what is wrong with the file as a whole (encoding, columns, an open quote) is refused by both.
Blank lines are passed over. A number of cells that is wrong is a fault of its row.
"""

import csv
import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from guantong.data.contract import Contract, Dialect
from guantong.data.errors import FileRefused
from guantong.data.fault import Batch, Fault, Rejected, Row, shown
from guantong.data.lines import Source, refuse, text_lines
from guantong.data.validation import Checks

# All of IBTrACS has about 725,000 points, one basin about 240,000. Ours: what fits into memory.
MOST_ROWS = 500_000
# More than this many bad rows are a wrong file, not bad rows. Ours.
MOST_REJECTED = 10_000
MOST_BLANK_LINES = 1_000
_MOST_RAW = 2_000
_NAMED = 8


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    cells: list[str]
    fault: str | None = None


def read_file(path: Source, contract: Contract) -> Batch:
    """Return the file's good rows and, with reasons, its others; or refuse it as a whole."""
    return _read(path, contract, strict=False)


def read_strict(path: Source, contract: Contract) -> Batch:
    """Return the file's rows; the first fault of any row raises FileRefused."""
    return _read(path, contract, strict=True)


def _read(path: Source, contract: Contract, *, strict: bool) -> Batch:
    records = _records(path)
    header = next(records, None)
    if header is None or not any(header.cells):
        raise refuse(path, "no-header", None if header is None else header.line)
    if header.fault is not None:
        raise refuse(path, header.fault, header.line)
    names = [cell.strip() for cell in header.cells]
    dialect = _dialect(path, header.line, names, contract)
    places = {ours: names.index(theirs) for theirs, ours in dialect.columns.items()}
    called = {ours: theirs for theirs, ours in dialect.columns.items()}
    checks, rows, rejected = Checks(contract), list[Row](), list[Rejected]()
    for number, record in enumerate(records, start=2):
        if number == dialect.units_row and _holds_units(record, places, contract):
            continue
        outcome: Row | tuple[Fault, ...]
        if record.fault is not None:
            outcome = (Fault(record.fault, record.line),)
        elif len(record.cells) != len(names):
            facts = {"expected": len(names), "found": len(record.cells)}
            outcome = (Fault("cells", record.line, None, facts),)
        else:
            given = {ours: record.cells[place] for ours, place in places.items()}
            outcome = checks.row(given, line=record.line, called=called)
        if isinstance(outcome, Row):
            rows.append(outcome)
        elif strict:
            raise FileRefused(file=str(path), fault=outcome[0])
        else:
            rejected.append(Rejected(record.line, _raw(names, record.cells), outcome))
        if len(rows) > MOST_ROWS:
            raise refuse(path, "rows-many", record.line, limit=MOST_ROWS)
        if len(rejected) > MOST_REJECTED:
            raise refuse(path, "rejected-many", record.line, limit=MOST_REJECTED)
    if not rows and not rejected:
        raise refuse(path, "header-only")
    return Batch(dialect.name, tuple(rows), tuple(rejected))


def _records(path: Source) -> Iterator[_Record]:
    """Yield the records that are not blank, each with the line it begins on."""
    reader = csv.reader(text_lines(path), strict=True)
    blank = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            # An open quote swallows all lines behind it, so it is a fault of the file.
            if "unexpected end of data" in str(fault) or "field limit" in str(fault):
                raise refuse(path, "quote-open", line) from None
            yield _Record(line, [], "line-end" if "new-line" in str(fault) else "quote")
            continue
        blank = 0 if any(cell.strip() for cell in cells) else blank + 1
        if blank > MOST_BLANK_LINES:
            raise refuse(path, "blank-many", line, limit=MOST_BLANK_LINES)
        if not blank:
            yield _Record(line, cells)


def _dialect(path: Source, line: int, names: list[str], contract: Contract) -> Dialect:
    """Return the first dialect whose columns the file has; else say what the nearest one lacks."""
    fits = [d for d in contract.dialects if all(name in names for name in d.columns)]
    if fits:
        used = fits[0].columns
        if twice := sorted(name for name in used if names.count(name) > 1):
            raise refuse(path, "column-twice", line, names=", ".join(twice))
        return fits[0]
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        raise refuse(path, "delimiter", line)
    folded = {name.casefold() for name in names}
    nearest = max(contract.dialects, key=lambda d: sum(n.casefold() in folded for n in d.columns))
    missing = [name for name in nearest.columns if name not in names]
    facts = {
        "dialect": nearest.name,
        "missing": ", ".join(missing),
        "found": ", ".join(shown(n) for n in names[:_NAMED])
        + (" …" if len(names) > _NAMED else ""),
    }
    alike = {name: _alike(name, [n for n in names if n not in nearest.columns]) for name in missing}
    if pairs := ", ".join(f"{shown(theirs)} → {name}" for name, theirs in alike.items() if theirs):
        raise refuse(path, "columns-alike", line, pairs=pairs, **facts)
    raise refuse(path, "columns", line, **facts)


def _alike(name: str, others: list[str]) -> str | None:
    """Return the file's column that ``name`` is probably meant by."""
    folded = {other.casefold(): other for other in reversed(others[:400]) if len(other) <= 64}
    if name.casefold() in folded:
        return folded[name.casefold()]
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def _holds_units(record: _Record, places: dict[str, int], contract: Contract) -> bool:
    """Say whether the row where units may stand does hold units and not a point.

    A copy without the row of units must not lose its first point: a row in which any number or
    time can be read is data.
    """
    if record.fault is not None:
        return False
    measured = {c.name for c in contract.columns if c.type in ("number", "integer", "timestamp")}
    cells = [
        record.cells[p] for name, p in places.items() if name in measured and p < len(record.cells)
    ]
    return not any(character.isdigit() for cell in cells for character in cell)


def _raw(names: list[str], cells: list[str]) -> dict[str, object]:
    """Return the row as it came, under the file's own names; a wrong number of cells as a list."""
    short = [cell[:_MOST_RAW] for cell in cells]
    return dict(zip(names, short, strict=True)) if len(names) == len(cells) else {"cells": short}
