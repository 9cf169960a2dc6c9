"""Releases of the flood application for tests: another version, a narrower range, entered."""

from typing import Any
from uuid import UUID

from guantong.base.clock import local_day, machine_now
from guantong.packages import api as packages
from guantong.packages.api import Brought, Package
from guantong.packages.reading import assemble

LAND = "land_reduction"


def changed(package: Package, **files: str | None) -> Package:
    """Return another release: files by path with new text, or taken out."""
    contents = {path: d.content for path, d in package.documents.items()}
    for path, text in files.items():
        if text is None:
            del contents[path]
        else:
            contents[path] = text.encode()
    return assemble(package.folder, contents)


def version(package: Package, number: str, **files: str | None) -> Package:
    app = package.documents["app.yaml"].text.replace("version: 0.1.0", f"version: {number}")
    return changed(package, **{"app.yaml": app}, **files)


def narrower(package: Package, number: str = "0.2.0") -> Package:
    """Return a release whose range no longer takes 0.6."""
    text = package.documents["parameters.yaml"].text.replace("[0.5, 1.0]", "[0.7, 1.0]")
    return version(package, number, **{"parameters.yaml": text})


def enter(package: Package, **more: Any) -> packages.Standing:
    given: dict[str, Any] = {"by": "person:x", "why": "年度更新", "at": machine_now()} | more
    return packages.enter(Brought(package=package), **given)


def set_land(package: Package, area: str, value: str) -> UUID:
    at = machine_now()
    return packages.set_value(
        package, LAND, area, value, from_day=local_day(at), why="实测结果", by="person:y", at=at
    )
