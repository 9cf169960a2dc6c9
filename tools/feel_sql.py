"""What FEEL has in SQL, and why the rest has none, as a page: docs/kernel/feel_sql.md.

``python tools/feel_sql.py`` writes the page anew; a test compares it with the code.
"""

from pathlib import Path

from guantong.base import words
from guantong.feel import syntax
from guantong.feel.functions import BUILT_INS
from guantong.feel.to_sql import FUNCTIONS, REASONS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "kernel" / "feel_sql.md"
# Parts of other nodes, and types: nothing that could stand alone.
INNER = (syntax.Entry, syntax.Iteration, syntax.Parameter, syntax.Member, syntax.Type)
HEAD = """# FEEL in SQL

<!-- Written by tools/feel_sql.py; change it there. -->

Every expression is compiled to Python. It has SQL too (for DuckDB, in the portable part of it)
where SQL gives the same answer for every value its inputs can have: `guantong.feel.to_sql.targets`
returns the SQL, or the reason why there is none. Numbers need a known number of digits; sums,
differences and products whose result may exceed 34 digits have no SQL, `/` and `**` never have.

## Parts of the language

| part | example | SQL | why not |
|---|---|---|---|
"""


def page() -> str:
    """Return the page."""
    rows = []
    for node in sorted(nodes(), key=lambda each: each.__name__):
        reason = REASONS.get(node)
        why = "" if reason is None else words.say(f"feel.no-sql.{reason}", "en", what="It")
        example = (node.__doc__ or "").split("\n")[0].replace("|", "\\\\|")
        rows.append(
            f"| {node.__name__} | {example} | {'yes' if reason is None else 'no'} | {why} |"
        )
    why = words.say("feel.no-sql.functions", "en", what="Any other function")
    names = ", ".join(f"`{name}`" for name in FUNCTIONS)
    without = ", ".join(f"`{name}`" for name in sorted(BUILT_INS.keys() - FUNCTIONS.keys()))
    tail = f"\n## Functions\n\nWith SQL: {names}. {why} They are: {without}.\n"
    return HEAD + "\n".join(rows) + "\n" + tail


def nodes() -> list[type[syntax.Node]]:
    """Return every kind of node that can stand in an expression or a cell."""
    found = [each for each in vars(syntax).values() if isinstance(each, type)]
    return [
        each
        for each in found
        if issubclass(each, syntax.Node) and each is not syntax.Node and not issubclass(each, INNER)
    ]


if __name__ == "__main__":
    PAGE.write_text(page())
