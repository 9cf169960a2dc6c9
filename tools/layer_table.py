"""Writes the table of layers into ARCHITECTURE.md, between its markers.

The order is the layer contract of ``pyproject.toml``; what a package is says the first line of its
own docstring. ``python tools/layer_table.py`` writes; ``--check`` writes nothing and ends with code
1 where the page says something else. A guard test checks the same.
"""

import argparse
import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = "ARCHITECTURE.md"
OPEN, CLOSE = "<!-- layers -->", "<!-- /layers -->"
NOT_BUILT = "*not built yet*"


def layers(root: Path) -> list[list[str]]:
    """Return the packages of each layer, top to bottom."""
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    layered = next(contract for contract in contracts if contract["type"] == "layers")
    return [re.findall(r"\w+", row) for row in layered["layers"]]


def purpose(root: Path, package: str) -> str:
    """Return the first line of a package's docstring, or that the package is not built."""
    path = root / "src/guantong" / package / "__init__.py"
    if not path.is_file():
        return NOT_BUILT
    told = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return told.partition("\n")[0]


def table(root: Path) -> str:
    """Return the layers as a Markdown table; packages of one number may not know each other."""
    rows = [
        f"| {number} | `{package}` | {purpose(root, package)} |"
        for number, packages in enumerate(layers(root), start=1)
        for package in packages
    ]
    return "\n".join(["| | Package | What it is |", "|--:|---|---|", *rows])


def with_table(text: str, fresh: str) -> str:
    """Return the page with ``fresh`` between its markers."""
    before, opened, rest = text.partition(OPEN)
    _, closed, after = rest.partition(CLOSE)
    if not (opened and closed):
        raise SystemExit(f"{PAGE} has no place for the layers. Add {OPEN} and {CLOSE}.")
    return f"{before}{OPEN}\n{fresh}\n{CLOSE}{after}"


def main(arguments: list[str]) -> int:
    """Write the table, or with ``--check`` only compare; return the exit code."""
    parser = argparse.ArgumentParser(description="The table of layers in ARCHITECTURE.md.")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    text = (ROOT / PAGE).read_text("utf-8")
    fresh = with_table(text, table(ROOT))
    if fresh == text:
        return 0
    if check:
        print(f"{PAGE} is out of date. Run: python tools/layer_table.py")
        return 1
    (ROOT / PAGE).write_text(fresh, "utf-8")
    print(f"{PAGE}: layers written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
