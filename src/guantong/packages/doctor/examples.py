"""Running the examples a package brings: given these rows, its SQL answers those.

Columns an example does not give are null. A figure is compared to the last digit that a
float keeps; where a column has a tolerance, within that.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from guantong.base.errors import GuantongError
from guantong.data.api import Scalar, Statement, run_sql
from guantong.packages.doctor.report import Report
from guantong.packages.document import Document
from guantong.packages.findings import Finding

# Nobody waits longer for an example with a handful of rows.
MOST_SECONDS = 5.0
_RELATIVE = 1e-9

_MOST_REMEMBERED = 512


class _Asked(NamedTuple):
    """One example as it was asked."""

    sql: str
    tables: tuple[tuple[str, str, str], ...]
    parameters: tuple[tuple[str, Scalar], ...]


_ANSWERED: dict[_Asked, list[dict[str, Any]]] = {}

Given = Mapping[str, Sequence[Mapping[str, Any]]]


class Unusable(Exception):
    """A value of an example does not fit its column, or the column does not exist."""

    def __init__(self, dataset: str, column: str) -> None:
        super().__init__(dataset, column)
        self.dataset, self.column = dataset, column


def answer(
    statement: Statement,
    given: Given,
    tables: Mapping[str, pa.Schema],
    parameters: Mapping[str, Scalar],
) -> list[dict[str, Any]]:
    """Return the rows the SQL answers for an example; SqlRefused where it fails.

    The same rows and the same SQL answer the same, so what was answered before is remembered: a
    package is examined again and again while it is written, and little of it changes.
    """
    laid = {name: _table(name, tables[name], given.get(name, ())) for name in statement.datasets}
    known = _Asked(
        statement.sql,
        tuple(
            (name, table.schema.to_string(), str(table.to_pydict())) for name, table in laid.items()
        ),
        tuple(sorted(parameters.items())),
    )
    if known not in _ANSWERED:
        if len(_ANSWERED) >= _MOST_REMEMBERED:
            _ANSWERED.clear()
        rows = run_sql(statement, laid, parameters, most_seconds=MOST_SECONDS).to_pylist()
        _ANSWERED[known] = list(rows)
    return [dict(row) for row in _ANSWERED[known]]


def answered(
    report: Report,
    document: Document,
    keys: tuple[str | int, ...],
    test: Mapping[str, Any],
    statement: Statement,
    tables: Mapping[str, pa.Schema],
    parameters: Mapping[str, Scalar],
) -> list[dict[str, Any]] | Finding:
    """Return the rows the SQL answers for an example, or the finding of why it answers none."""
    try:
        return answer(statement, test["given"], tables, parameters)
    except Unusable as wrong:
        return report.error(
            document, "example-row", *keys,
            name=test["name"], dataset=wrong.dataset, column=wrong.column,
        )  # fmt: skip
    except GuantongError as refusal:
        return report.error(document, "example-failed", *keys, name=test["name"], cause=refusal)


def fits(expected: Mapping[str, Any], row: Mapping[str, Any], within: Mapping[str, float]) -> bool:
    """Say whether a row is as expected in the columns that are named."""
    return all(
        name in row and _equal(value, row[name], within.get(name, 0.0))
        for name, value in expected.items()
    )


def _equal(expected: object, found: object, within: float) -> bool:
    if expected is None or found is None or isinstance(expected, bool):
        return expected == found
    if isinstance(expected, int | float):
        if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
            return False
        return abs(float(found) - expected) <= max(within, _RELATIVE * max(1.0, abs(expected)))
    if isinstance(found, datetime):
        return _instant(expected) == found
    return expected == (found.isoformat() if isinstance(found, date) else found)


def _table(name: str, schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    for row in rows:
        for column in row:
            if column not in schema.names:
                raise Unusable(name, column)
    columns = []
    for field in schema:
        try:
            values = [_typed(row.get(field.name), field.type) for row in rows]
            columns.append(pa.array(values, field.type))
        except (ValueError, TypeError, pa.ArrowException) as wrong:
            raise Unusable(name, field.name) from wrong
    return pa.table(columns, schema=schema)


def _typed(value: object, type: pa.DataType) -> object:
    if value is None:
        return None
    if pa.types.is_timestamp(type):
        return _instant(value)
    if pa.types.is_date(type):
        return date.fromisoformat(str(value))
    if pa.types.is_string(type):
        return str(value)
    if pa.types.is_floating(type) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _instant(value: object) -> datetime:
    at = datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
