"""An index as a package declares it, made the value by which the brain ranks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from guantong.brain.api import Index, Part, Penalty, Version


def read_index(package: str, data: Mapping[str, Any]) -> Index:
    """Return the index that a file declares; the file keeps its schema."""
    return Index(
        id=data["id"], package=package, title=data["title"], meaning=data["meaning"],
        source=data["source"], counts_by=data["counts_by"],
        versions=tuple(_version(version) for version in data["versions"]),
    )  # fmt: skip


def _version(data: Mapping[str, Any]) -> Version:
    penalty = data.get("penalty")
    return Version(
        since=date.fromisoformat(data["from"]), parts=tuple(Part(**part) for part in data["parts"]),
        cuts=dict(data["colours"]), basis=dict(data["basis"]),
        penalty=Penalty(**penalty) if penalty is not None else None,
        enough=data.get("enough", 0.5),
    )  # fmt: skip
