"""A new package for somebody who writes her first: a small one that works, in files to change.

The files are those of ``starter``, a whole package of its own that the doctor examines like any
other; here its id, its titles and its lead are put in their place. A package is written
beside its place and then moved there, so that it is there whole or not at all, and nothing that
is there already is ever touched.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from guantong.orgs.api import Role
from guantong.packages.errors import BadPackageId, CannotWrite, FolderTaken
from guantong.packages.kernel_datasets import KERNEL_DATASETS

STARTER = "starter"
# What stands in the files of the starter for what is asked.
_LEAD, _TITLES = Role.parse("emergency@county"), ("新应用", "New application")
_COORDINATING, _ABOVE = "area@county", "area@city"

_ID = re.compile(r"[a-z][a-z0-9_]*")
# An id is the first half of every id in its package, the name of a folder and of a command.
MOST_LETTERS = 40
# Datasets of the kernel begin so: a package of that name would take their names.
_TAKEN = frozenset(id.partition(".")[0] for id in KERNEL_DATASETS)


def make(id: str, *, folder: Path, title_zh: str = "", title_en: str = "", lead: str = "") -> Path:
    """Write a new package into ``folder`` and return its path; refuse what would not be sound."""
    if not _ID.fullmatch(id) or len(id) > MOST_LETTERS or id in _TAKEN:
        raise BadPackageId(id=id[:MOST_LETTERS], most=MOST_LETTERS, taken=", ".join(sorted(_TAKEN)))
    role = Role.parse(lead) if lead else _LEAD
    place = folder / id
    if os.path.lexists(place):
        raise FolderTaken(path=str(place))
    titles = (title_zh or id, title_en or id.replace("_", " ").strip().capitalize())
    try:
        _write(place, {path: _filled(text, id, titles, role) for path, text in _files()})
    except OSError as wrong:
        if os.path.lexists(place):  # somebody was quicker
            raise FolderTaken(path=str(place)) from wrong
        why = "not-writable" if folder.is_dir() else "no-folder"
        raise CannotWrite(path=str(folder), why=why) from wrong
    return place


def _files() -> Iterator[tuple[str, str]]:
    """Yield path and text of each file of the starter."""
    root = Path(str(resources.files("guantong.packages") / STARTER))
    for path in sorted(root.rglob("*.*")):
        yield path.relative_to(root).as_posix(), path.read_text("utf-8")


def _filled(text: str, id: str, titles: tuple[str, str], lead: Role) -> str:
    """Return a file of the starter with id, titles and lead of the new package."""
    text = re.sub(rf"\b{STARTER}\b", id, text)
    text = text.replace(f"lead: {_LEAD}", f"lead: {lead.line}@{lead.tier}")
    if lead.line == "area":
        # Whoever did the work never accepts it: the next government up does.
        text = text.replace(_COORDINATING, _ABOVE)
        text = text.replace("tiers: [county]", "tiers: [city, county]")
    text = re.sub(rf"\b{_LEAD.line}@(?=county\b|city\b)", f"{lead.line}@", text)
    for old, title in zip(_TITLES, titles, strict=True):
        text = text.replace(f'"{old}"', json.dumps(title, ensure_ascii=False))
    return text


def _write(place: Path, files: dict[str, str]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        for path, text in files.items():
            file = beside / place.name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        (beside / place.name).rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
