"""A small application for the tests of the V-model: a river, two bureaux, a process and a plan.

It stands in the folder ``river`` beside this file; a test works on a copy with some files changed.
"""

from collections.abc import Mapping
from pathlib import Path

from guantong.packages.api import Package, read

RIVER = Path(__file__).with_name("river")
FILES = {
    path.relative_to(RIVER).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(RIVER.rglob("*"))
    if path.is_file()
}


def package(folder: Path, changed: Mapping[str, str | None] | None = None) -> Package:
    """Return the small application, with some of its files replaced or (None) left out."""
    for path, text in {**FILES, **(changed or {})}.items():
        if text is not None:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    return read(folder)


def swapped(path: str, old: str, new: str) -> dict[str, str | None]:
    """Return a change of one file: one text in it for another."""
    assert old in FILES[path], f"{path} does not say {old!r}"
    return {path: FILES[path].replace(old, new)}
