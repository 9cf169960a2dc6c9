"""Which fields of which dataset an alternative really reads: from its SQL, its table, its columns.

SQL is read as a syntax tree over the known columns, and columns that no later part uses are left
out, so that ``select *`` over a part does not count as needing all of it. Steps and forms read
nothing by themselves: what is needed there is needed by the people who do the work.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from guantong.base.errors import GuantongError
from guantong.dmn.api import Model
from guantong.feel.api import names_in, parse
from guantong.packages.document import Document
from guantong.packages.package import Package
from guantong.packages.vmodel.known_data import KnownData
from guantong.packages.vmodel.model import Carrier

Fields = Mapping[str, frozenset[str]]
_Known = Mapping[str, KnownData]
_NOTHING: Fields = {}


def reads_of(package: Package, carrier: Carrier, known: _Known) -> Fields:
    """Return the fields that an alternative reads, by dataset; empty where it reads none.

    A dataset whose fields cannot be told from the SQL stands there with no field.
    """
    if carrier.kind == "indicator" and carrier.name in package.indicators:
        sql = package.indicators[carrier.name]
        return _together([sql_reads(s.sql, s.datasets, known) for s in (sql.figure, sql.evidence)])
    if carrier.kind == "dataset" and carrier.name in package.derivations:
        statement = package.derivations[carrier.name]
        return sql_reads(statement.sql, statement.datasets, known)
    if carrier.kind == "signal":
        return _together(
            _signal_reads(package, document, known)
            for document in package.each("signals")
            if document.data["id"] == carrier.name
        )
    if carrier.kind == "rule":
        return _together(
            _rule_reads(package, document, known)
            for document in package.each("signals")
            if document.data["rule"] == carrier.name
        )
    if carrier.kind == "item":
        return _item_reads(package, carrier, known)
    return _NOTHING


def sql_reads(sql: str, datasets: Iterable[str], known: _Known) -> Fields:
    """Return the fields that a SELECT of a package reads of each dataset it names."""
    # Names with a point become short ones: sqlglot would take the part before it for a schema.
    short = {id: f"dataset_{place}" for place, id in enumerate(datasets) if id in known}
    schema: dict[str, object] = {
        short[id]: dict.fromkeys(known[id].fields, "varchar") for id in short
    }
    try:
        tree = sqlglot.parse_one(sql, read="duckdb")
        _rename(tree, short)
        qualified = pushdown_projections(
            qualify(
                tree, schema=schema, dialect="duckdb", validate_qualify_columns=False,
                quote_identifiers=False,
            )
        )  # fmt: skip
        return _columns(qualified, {name: id for id, name in short.items()})
    except SqlglotError:
        return {id: frozenset() for id in short}


def _rename(tree: exp.Expr, short: Mapping[str, str]) -> None:
    for table in tree.find_all(exp.Table):
        if table.name in short:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
            table.set("this", exp.to_identifier(short[table.name]))


def _columns(tree: exp.Expr, datasets: Mapping[str, str]) -> Fields:
    found: dict[str, set[str]] = {id: set() for id in datasets.values()}
    for scope in traverse_scope(tree):
        for alias, source in scope.sources.items():
            if isinstance(source, exp.Table) and source.name in datasets:
                own = {column.name for column in scope.columns if column.table == alias}
                found[datasets[source.name]] |= own
    return {id: frozenset(names) for id, names in found.items()}


def _signal_reads(package: Package, document: Document, known: _Known) -> Fields:
    signal = document.data
    names = {signal["division"], signal["at"], *signal["same_matter"], *signal.get("keep", ())}
    told = frozenset({*signal.get("keep", ()), signal["level"], *signal["same_matter"]})
    with suppress(GuantongError):  # the doctor tells it; what the rest reads holds all the same
        names |= names_in(parse(signal["ends"]["when"], names=told))
    own = _of(known, signal["on"], names)
    return _together([own, _rule_reads(package, document, known)])


def _rule_reads(package: Package, document: Document, known: _Known) -> Fields:
    model: Model | None = package.rules.get(document.data["rule"])
    decisions = model.decisions if model is not None else ()
    names = {name for decision in decisions for name in decision.inputs}
    return _of(known, document.data["on"], names)


def _item_reads(package: Package, carrier: Carrier, known: _Known) -> Fields:
    item = plan_item(package, carrier)
    each = item.get("for_each", {}) if item is not None else {}
    if item is None or "object" not in each:
        return _NOTHING
    names = {"id", "division_code", each.get("from_level", ""), item.get("destination", "")}
    return _of(known, each["object"], names)


def plan_item(package: Package, carrier: Carrier) -> Mapping[str, Any] | None:
    """Return the item of a plan as it was declared."""
    for document in package.each("plans"):
        if document.data["id"] == carrier.name:
            return next((i for i in document.data["items"] if i["id"] == carrier.part), None)
    return None


def _of(known: _Known, dataset: str, names: Iterable[str]) -> Fields:
    if dataset not in known:
        return _NOTHING
    return {dataset: frozenset(names) & known[dataset].fields.keys()}


def _together(parts: Iterable[Fields]) -> Fields:
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for id, names in part.items():
            found[id] = found.get(id, frozenset()) | names
    return found
