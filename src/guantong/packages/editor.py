"""The schemas of all kinds as an editor takes them: one file each, and which file keeps which.

The ids of the schemas are stable: a file may name its own by them. Nothing here examines a
package; the doctor asks far more than a schema can say.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from guantong.packages.document import read_json
from guantong.packages.errors import CannotWrite, SettingsTaken
from guantong.packages.kinds.kind import validator
from guantong.packages.kinds.known import KINDS

SETTINGS = "settings.json"
_ID = "https://guantong.example/schemas/{kind}.schema.json"
_OURS = frozenset({"yaml.schemas", "json.schemas"})


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each kind that has one, by the name of the kind."""
    return {
        kind.name: {**_plain(validator(kind.schema).schema), "$id": _ID.format(kind=kind.name)}
        for kind in KINDS
        if kind.schema is not None
    }


def settings(folder: str) -> dict[str, Any]:
    """Return settings for the YAML and JSON plugins of VS Code, with the schemas in ``folder``."""
    yaml: dict[str, list[str]] = {}
    json_: list[dict[str, Any]] = []
    for kind in KINDS:
        if kind.schema is not None:
            url = f"{folder}/{kind.name}.schema.json"
            patterns = [f"**/{place}" for place in kind.places]
            if kind.read is read_json:
                json_.append({"fileMatch": patterns, "url": url})
            else:
                yaml[url] = patterns
    return {"yaml.schemas": yaml, "json.schemas": json_}


def publish(folder: Path) -> list[Path]:
    """Write schemas and settings into ``folder`` and return the files; repeating it renews them."""
    place = folder / SETTINGS
    if place.exists() and not _is_ours(place):
        raise SettingsTaken(path=str(place))
    texts = {f"{name}.schema.json": schema for name, schema in schemas().items()}
    texts[SETTINGS] = settings(_as_seen_from_here(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in texts.items():
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            (folder / name).write_text(text, "utf-8")
    except OSError as wrong:
        raise CannotWrite(path=str(folder), why="not-writable") from wrong
    return [folder / name for name in texts]


def _as_seen_from_here(folder: Path) -> str:
    """Return the folder as an editor opened in this folder names it."""
    # A file outside the workspace is named whole; inside, the folder may be copied and moved.
    whole, here = folder.resolve(), Path.cwd().resolve()
    inside = whole.is_relative_to(here)
    return f"./{whole.relative_to(here).as_posix()}" if inside else whole.as_uri()


def _is_ours(place: Path) -> bool:
    """Say whether settings hold nothing but what is written here."""
    try:
        found = json.loads(place.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.keys() <= _OURS


def _plain(schema: object) -> Mapping[str, Any]:
    assert isinstance(schema, Mapping), "the schema of a kind is a mapping"
    return schema
