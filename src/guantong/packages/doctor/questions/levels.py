"""Does everything that speaks of levels speak of the signals' levels?

A plan item from a level that no signal reaches is never done; a household that must move from
one stays at home.
"""

from collections.abc import Iterator

from guantong.flows.api import LEVELS
from guantong.packages.doctor.known import ALERT_LEVEL, NO_LEVEL
from guantong.packages.doctor.report import Report
from guantong.packages.doctor.subject import Subject, choices, column_at, columns
from guantong.packages.document import Document
from guantong.packages.findings import Finding
from guantong.packages.nearest import nearest

_REPORT = Report("levels")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield levels that the kernel does not rank, and levels that no signal has."""
    for signal in subject.each("signals"):
        given = signal.data["levels"]
        for place, level in enumerate(given):
            if level not in LEVELS or level == NO_LEVEL:
                near = nearest(level, LEVELS[1:])
                yield _REPORT.error(signal, "not-ranked", "levels", place, level=level, near=near)
        ranks = [LEVELS.index(level) for level in given if level in LEVELS]
        if ranks != sorted(ranks):
            yield _REPORT.error(signal, "not-rising", "levels", levels=", ".join(given))
        if signal.data["opens"]["from_level"] not in given:
            level = signal.data["opens"]["from_level"]
            yield _unknown(subject, signal, level, "opens", "from_level")
    if subject.levels:
        yield from _spoken_of(subject)


def _spoken_of(subject: Subject) -> Iterator[Finding]:
    objects = subject.by_id("objects")
    for plan in subject.each("plans"):
        for place, item in enumerate(plan.data["items"]):
            if (level := item.get("from_level")) and level not in subject.levels:
                yield _unknown(subject, plan, level, "items", place, "from_level")
            each = item.get("for_each", {})
            owner = objects.get(each.get("object", ""))
            column = each.get("from_level")
            if owner is None or column not in columns(owner):
                continue
            allowed = choices(columns(owner)[column])
            if not allowed:
                yield _REPORT.error(owner, "any-level", *column_at(owner, column), column=column)
            for level in allowed:
                if level not in subject.levels:
                    yield _unknown(subject, owner, level, *column_at(owner, column))
    for document in subject.each("forms"):
        for place, question in enumerate(document.data["layout"]):
            field = document.data["schema"]["properties"].get(question["field"], {})
            if question.get("prefill") != ALERT_LEVEL:
                continue
            for level in field.get("enum", []):
                if level not in (*subject.levels, NO_LEVEL):
                    yield _unknown(subject, document, level, "layout", place)
            for level in subject.levels:
                if "enum" in field and level not in field["enum"]:
                    yield _REPORT.error(
                        document, "not-offered", "layout", place,
                        level=level, field=question["field"],
                    )  # fmt: skip


def _unknown(subject: Subject, document: Document, level: object, *keys: str | int) -> Finding:
    near = nearest(level, subject.levels)
    return _REPORT.error(document, "unknown", *keys, level=level, near=near)
