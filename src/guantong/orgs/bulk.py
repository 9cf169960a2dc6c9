"""Rows into a table by COPY: the founding of a province is 300,000 of them."""

import io
from collections.abc import Iterable, Sequence

from django.db import connection

# What the text format of COPY gives a meaning of its own (PostgreSQL manual, COPY, "Text Format").
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> int:
    """Write ``rows`` of text values into ``table`` and return how many there were."""
    buffer = io.StringIO()
    count = 0
    for row in rows:
        buffer.write("\t".join(["\\N" if v is None else v.translate(_ESCAPES) for v in row]))
        buffer.write("\n")
        count += 1
    if count:
        statement = f"copy {table} ({', '.join(columns)}) from stdin"
        with connection.cursor() as cursor, cursor.copy(statement) as copying:
            copying.write(buffer.getvalue())
    return count
