"""Is every goal judged by an indicator, reachable in the direction it points, and served?

A goal without an indicator is a wish; one whose target points against the indicator is reached
by doing worse. A goal no task serves is nobody's work, and a task that serves none is done for
nothing.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("goals")
_BETTER = {"at_least": "higher", "at_most": "lower"}
# A share is between none and all; a target beyond is reached by nobody, or by everybody at once.
_SHARE = (0, 100)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield goals without indicator, against it, beyond it, or served by nobody."""
    document = subject.one("vmodel")
    if document is None:
        return
    served = {goal for task in document.data["tasks"] for goal in task["serves"]}
    known = [goal["id"] for goal in document.data["goals"]]
    for place, goal in enumerate(document.data["goals"]):
        if goal["id"] not in served:
            yield _REPORT.error(document, "not-served", "goals", place, goal=goal["id"])
        yield from _judged(subject, document, place, goal)
        if "by" in goal and not _is_day(goal["by"]):
            yield _REPORT.error(document, "no-day", "goals", place, "by", day=goal["by"])
    for place, task in enumerate(document.data["tasks"]):
        for number, name in enumerate(task["serves"]):
            if name not in known:
                keys = ("tasks", place, "serves", number)
                near = nearest(name, known)
                yield _REPORT.error(document, "unknown", *keys, goal=name, near=near)
    yield from _twice(document)


def _judged(
    subject: Subject, document: Document, place: int, goal: dict[str, Any]
) -> Iterator[Finding]:
    keys = ("goals", place, "indicator")
    indicator = subject.by_id("indicators").get(goal["indicator"])
    if indicator is None:
        if goal["indicator"] not in subject.ids("indicators"):
            near = nearest(goal["indicator"], subject.ids("indicators")) or "-"
            yield _REPORT.error(document, "indicator", *keys, name=goal["indicator"], near=near)
        return
    ((bound, value),) = goal["target"].items()
    keys = ("goals", place, "target")
    if _BETTER[bound] != indicator.data["better"]:
        better = indicator.data["better"]
        yield _REPORT.error(document, "against", *keys, bound=bound, better=better)
    least, most = _SHARE
    beyond = not least <= value <= most if indicator.data["unit"] == "%" else value < least
    if beyond:
        unit = indicator.data["unit"]
        yield _REPORT.warning(document, "beyond", *keys, value=value, unit=unit)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _twice(document: Document) -> Iterator[Finding]:
    """Yield goals and tasks that share an id with another."""
    for kind in ("goals", "tasks"):
        seen: set[str] = set()
        for place, one in enumerate(document.data[kind]):
            if one["id"] in seen:
                yield _REPORT.error(document, "twice", kind, place, "id", id=one["id"])
            seen.add(one["id"])
