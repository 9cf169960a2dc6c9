"""The units of work as they stand in ``vmodel.yaml``: with the keys under which each stands."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document


class Unit(NamedTuple):
    """One unit of work, and where it stands."""

    document: Document
    keys: tuple[str | int, ...]
    said: dict[str, Any]


def units(subject: Subject) -> Iterator[Unit]:
    """Yield every unit of work in the order of the file."""
    document = subject.one("vmodel")
    if document is None:
        return
    for task_place, task in enumerate(document.data["tasks"]):
        for place, unit in enumerate(task["units"]):
            yield Unit(document, ("tasks", task_place, "units", place), unit)


def line_of_role(role: str) -> str:
    """Return the line of a role; the government of an area is a line of its own."""
    return role.partition("@")[0]
