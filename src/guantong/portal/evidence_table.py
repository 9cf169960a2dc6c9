"""The rows behind a figure as people read them: words for codes, masks, and the way to each task.

The columns are those the indicator gathered; which of them hold personal data is known from the
contracts of the datasets it reads.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from guantong.access.api import Decision, Rows
from guantong.base.reading import BEIJING, figure_text, moment_text
from guantong.base.realm import Realm
from guantong.base.words import say
from guantong.brain.api import Indicator, alerts, datasets_read
from guantong.packages.api import Package
from guantong.portal.wording import place_name, places_of

MASKED = "…"
_NUMBERS = (int, float)

Record = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Labels, and for each row its texts and the way to the task or case it counts."""

    labels: tuple[str, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[tuple[str, ...], str | None], ...]
    masked: bool

    def columns(self) -> list[dict[str, object]]:
        """Return the columns for ``parts/table.html``."""
        pairs = zip(self.labels, self.right, strict=True)
        return [{"label": label, "right": right} for label, right in pairs]

    def cells(self) -> list[dict[str, object]]:
        """Return the rows for ``parts/table.html``; the first cell leads to the task or case."""
        return [
            {
                "cells": [
                    {"text": text, "href": href if place == 0 else None, "right": self.right[place]}
                    for place, text in enumerate(texts)
                ]
            }
            for texts, href in self.rows
        ]


def table(
    package: Package,
    indicator: Indicator,
    found: Sequence[Record],
    answer: Decision,
    *,
    realm: Realm,
    rows: Rows,
    language: str,
    plain: bool = False,
) -> Table:
    """Return the rows of a figure in words; ``plain`` writes numbers and times as files do."""
    read = datasets_read(indicator.sql)
    names = [
        name for name in (found[0] if found else ()) if name not in ("id", "case_id", "unit_id")
    ]
    personal = _personal(package, read, answer.masks)
    words = _Words(package, language, found, plain)
    ways = _ways(read, found, realm=realm, rows=rows)
    return Table(
        labels=tuple(words.label(name) for name in names),
        right=tuple(isinstance(found[0][name], _NUMBERS) for name in names),
        rows=tuple(
            (
                tuple(
                    MASKED if name in personal else words.text(name, record[name]) for name in names
                ),
                way,
            )
            for record, way in zip(found, ways, strict=True)
        ),
        masked=any(name in personal for name in names),
    )


def _personal(package: Package, datasets: Iterable[str], masks: Collection[str]) -> frozenset[str]:
    """Return the columns of these datasets that are masked for this reader."""
    contracts = (package.contracts.get(id) for id in datasets)
    return frozenset(
        column.name
        for contract in contracts
        if contract is not None
        for column in contract.columns
        if column.classification in masks
    )


def _ways(
    read: Iterable[str], found: Sequence[Record], *, realm: Realm, rows: Rows
) -> list[str | None]:
    """Return where each row leads; a row that is an alert leads to the alert's case."""
    if "flows.task" in read:
        return [_way(record) for record in found]
    if "flows.case" in read:
        return [f"/cases/{record['id']}" if "id" in record else None for record in found]
    cases: Mapping[UUID, UUID | None] = {}
    if "brain.alert" in read:
        cases = {alert.id: alert.case_id for alert in alerts(realm, rows=rows, most=1000)}
    led = [record.get("case_id") or cases.get(record.get("id", "")) for record in found]
    return [f"/cases/{case_id}" if case_id else None for case_id in led]


def _way(record: Record) -> str | None:
    """Return where a row that was counted from tasks leads: to its task, else to its case."""
    if "id" in record:
        return f"/tasks/{record['id']}"
    return f"/cases/{record['case_id']}" if "case_id" in record else None


class _Words:
    """What the values of one table are called."""

    def __init__(
        self, package: Package, language: str, found: Sequence[Record], plain: bool
    ) -> None:
        self.package, self.language, self.plain = package, language, plain
        codes = {str(r["division_code"]) for r in found if r.get("division_code")}
        self.places = places_of(codes)
        self.items = {
            item["id"]: item["title"]
            for document in package.each("plans")
            for item in document.data["items"]
        }

    def label(self, name: str) -> str:
        own = self.package.words(self.language).get(f"column.{name}")
        return own or self._say(f"column.{name}", name)

    def text(self, name: str, value: object) -> str:
        if value is None:
            return "" if self.plain else "–"
        if name == "division_code":
            return place_name(str(value), self.places, self.language)
        if name == "item":
            key = self.items.get(str(value), f"node.{value}")
            return self.package.words(self.language).get(key, str(value))
        if name in ("state", "level", "highest_level"):
            return self._say(f"{name.rpartition('_')[2]}.{value}", str(value))
        if isinstance(value, str):
            return self.package.words(self.language).get(f"value.{value}", value)
        return self._value(value)

    def _value(self, value: object) -> str:
        if isinstance(value, datetime):
            local = value.astimezone(BEIJING)
            return f"{local:%Y-%m-%d %H:%M}" if self.plain else moment_text(value, self.language)
        if isinstance(value, bool):
            return say("figure.yes" if value else "figure.no", self.language)
        if isinstance(value, float) and not self.plain:
            return figure_text(value, 0 if value.is_integer() else 1)
        if isinstance(value, int) and not self.plain:
            return figure_text(value)
        return str(value)

    def _say(self, key: str, otherwise: str) -> str:
        word = say(key, self.language)
        return otherwise if word == key else word
