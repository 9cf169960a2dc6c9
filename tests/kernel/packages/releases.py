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


# How cases of 0.1.0 go over to the release below: one step has another name, one stays.
MOVES = """
flows:
  county_response:
    why: {zh: 管控单改名，在办的也按新名办, en: the control order has a new name}
    steps:
      advise: advise
      control: take_control
      propose: propose
      approve: approve
      brief_city: stays
      watch: watch
      settle: settle
      observe: observe
      approve_return: approve_return
      review: review
      confirm_review: confirm_review
    variables:
      orders: {from: measures}
"""


def renamed(package: Package, number: str = "0.2.0", moves: str | None = MOVES) -> Package:
    """Return a release whose step ``control`` is ``take_control`` and asks for ``orders``."""
    files: dict[str, str | None] = {"migrations/0.1.0.yaml": moves}
    if moves is None:
        del files["migrations/0.1.0.yaml"]
    swaps = {
        "flows/county_response.bpmn": [
            ('"control" guantong:role', '"take_control" guantong:role'),
            ('targetRef="control"', 'targetRef="take_control"'),
            ('sourceRef="control"', 'sourceRef="take_control"'),
            ('bpmnElement="control"', 'bpmnElement="take_control"'),
        ],
        "vmodel.yaml": [("node: control}", "node: take_control}")],
        "forms/control.json": [('"measures"', '"orders"')],
        "messages/en.yaml": [("node.control:", "node.take_control:")],
        "messages/zh-CN.yaml": [("node.control:", "node.take_control:")],
    }
    for path in package.documents:
        if path.startswith("scenarios/"):
            swaps[path] = [
                ("[advise, control]", "[advise, take_control]"),
                ("measures:", "orders:"),
            ]
    for path, pairs in swaps.items():
        text = package.documents[path].text
        for was, now in pairs:
            text = text.replace(was, now)
        files[path] = text
    return version(package, number, **files)
