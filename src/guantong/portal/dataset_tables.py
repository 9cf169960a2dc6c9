"""The tables of the data pages: catalogue, columns of a contract, runs with lineage, quarantine."""

from collections.abc import Iterable, Sequence
from typing import Any

from guantong.base.reading import figure_text, moment_text
from guantong.base.words import say
from guantong.brain.api import datasets_read, indicators
from guantong.data import api as data
from guantong.packages.api import installed
from guantong.portal.role_words import role_words

Cell = dict[str, object]


def _table(labels: Sequence[tuple[str, bool]], rows: list[list[Cell]]) -> dict[str, Any]:
    return {
        "columns": [{"label": label, "right": right} for label, right in labels],
        "rows": [{"cells": cells} for cells in rows],
    }


def _cell(
    text: object, *, href: str | None = None, light: str | None = None, right: bool = False
) -> Cell:
    return {"text": str(text), "href": href, "light": light, "right": right}


def _number(value: int) -> Cell:
    return _cell(figure_text(value), right=True)


def catalogue_table(
    known: Iterable[data.Registered], runs: Sequence[data.Landing], language: str
) -> dict[str, Any]:
    """Return one row for each dataset, from the runs of the realm."""
    rows = []
    for registered in known:
        contract = registered.contract
        own = [run for run in runs if run.dataset == contract.id and run.state == "landed"]
        bad = sum(run.rows_bad for run in own)
        light = "grey" if not own else "yellow" if bad else "green"
        key = "datasets.nothing_landed" if not own else f"light.{light}"
        rows.append(
            [
                _cell(contract.name, href=f"/data/{contract.id}"),
                _cell(role_words(str(contract.custom.get("sourceUnit", "")), language)),
                _cell(moment_text(own[0].landed_at if own else None, language) or "–"),
                _number(sum(run.rows_good for run in own)),
                _number(bad),
                _cell(say(key, language), light=light),
            ]
        )
    labels = [
        (say("datasets.name", language), False),
        (say("datasets.source", language), False),
        (say("datasets.at", language), False),
        (say("datasets.landed_rows", language), True),
        (say("datasets.quarantined", language), True),
        (say("list.light", language), False),
    ]
    return _table(labels, rows)


def contract_table(contract: data.Contract, language: str) -> dict[str, Any]:
    """Return one row for each column of a contract."""
    rows = [
        [
            _cell(column.name),
            _cell(column.description or "–"),
            _cell(column.type),
            _cell(say("figure.yes" if column.required else "figure.no", language)),
            _cell(_range(column)),
            _cell(column.unit or "–"),
            _cell(column.classification or "–"),
        ]
        for column in contract.columns
    ]
    keys = ("name", "meaning", "type", "required", "range", "unit", "classification")
    return _table([(say(f"dataset.column_{key}", language), False) for key in keys], rows)


def _range(column: data.Column) -> str:
    if column.allowed is not None:
        return " / ".join(map(str, column.allowed))
    low = f"{column.minimum:g} ≤" if column.minimum is not None else ""
    low = f"{column.above:g} <" if column.above is not None else low
    high = f"≤ {column.maximum:g}" if column.maximum is not None else ""
    high = f"< {column.below:g}" if column.below is not None else high
    return " … ".join(filter(None, (low, high))) or "–"


def runs_table(runs: Iterable[data.Landing], language: str) -> dict[str, Any]:
    """Return one row for each run, with what it was made from."""
    rows = [
        [
            _cell(run.batch_key if len(run.batch_key) <= 24 else run.batch_key[:23] + "…"),
            _cell(moment_text(run.landed_at, language) or say(f"run.{run.state}", language)),
            _number(run.rows_good),
            _number(run.rows_bad),
            _cell(run.asked_by),
            _cell(run.contract_version),
            _cell(_lineage(run)),
        ]
        for run in runs
    ]
    keys = (
        ("key", False), ("landed_at", False), ("good", True), ("bad", True), ("asked_by", False),
        ("version", False), ("lineage", False),
    )  # fmt: skip
    return _table([(say(f"run.{key}", language), right) for key, right in keys], rows)


def _lineage(run: data.Landing) -> str:
    """Return the datasets a run was made from, each with how many runs it had then."""
    made = run.inputs.get("datasets", run.inputs)
    if not isinstance(made, dict):
        return "–"
    parts = [
        f"{id} ×{part['runs']}" if isinstance(part, dict) and "runs" in part else str(id)
        for id, part in made.items()
    ]
    return "; ".join(parts) or "–"


def quarantine_table(aside: Iterable[data.SetAside], language: str) -> dict[str, Any]:
    """Return one row for each reason: its line, its column and the sentence of what to do."""
    rows = [
        [
            _cell(row.line),
            _cell(fault.column or "–"),
            _cell(fault.sentence(language)),
        ]
        for row in aside
        for fault in row.faults
    ]
    keys = ("line", "column", "why")
    return _table([(say(f"quarantine.{key}", language), False) for key in keys], rows)


def reads(known: data.Registered) -> list[dict[str, str]]:
    """Return the datasets that a derived dataset is made from."""
    names = {r.contract.id: r.contract.name for r in data.catalogue()}
    read = known.statement.datasets if known.statement is not None else ()
    return [{"title": names[id], "href": f"/data/{id}"} for id in read if id in names]


def read_by(id: str, language: str) -> list[dict[str, str]]:
    """Return the datasets and figures made from this one."""
    derived = [
        {"title": known.contract.name, "href": f"/data/{known.contract.id}"}
        for known in data.catalogue()
        if known.statement is not None and id in known.statement.datasets
    ]
    figures = []
    for indicator in indicators():
        package = installed(indicator.package)
        if package is not None and id in datasets_read(indicator.sql):
            title = package.say(indicator.title, language)
            figures.append({"title": title, "href": f"/figures/{indicator.id}"})
    return [*derived, *figures]
