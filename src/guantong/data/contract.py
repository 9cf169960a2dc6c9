"""A data contract: an ODCS 3 document, read into what landing and checking need.

The document is kept byte for byte; what is read here is the part the platform holds rows to.
Reading is closed: a key the standard does not know is refused, so that a misspelt rule is not
a rule silently missing. Open Data Contract Standard (Bitol, LF AI & Data) v3.0.0 to v3.2.0.

Our additions stand under ``customProperties``: ``landing`` (dialects of files), ``ascending``
(a time that only grows) and ``timeZone`` (of times that name none). Others are kept unread.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from guantong.base import plain_pattern
from guantong.base.declared import read_declared
from guantong.data.errors import ContractRefused

# Keys of the JSON Schemas v3.0.0 to v3.2.0 of the standard.
_KEYS = {
    level: frozenset(names.split())
    for level, names in read_declared(
        (resources.files("guantong.data") / "odcs_keys.yaml").read_text(encoding="utf-8")
    ).items()
}
TYPES = ("string", "integer", "number", "boolean", "date", "timestamp", "time", "object", "array")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column and what its values must be. ``None`` means no such rule."""

    name: str
    type: str = "string"
    required: bool = False
    key_position: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    below: float | None = None
    shortest: int | None = None
    longest: int | None = None
    pattern: re.Pattern[str] | None = None
    allowed: tuple[object, ...] | None = None
    unit: str | None = None
    classification: str | None = None
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one form of file maps: its column names → ours; the line with units, if there is one."""

    name: str
    columns: Mapping[str, str]
    units_row: int | None = None


@dataclass(frozen=True, kw_only=True)
class Ascending:
    """A column that must grow from row to row, among rows that agree in ``within``."""

    column: str
    within: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Contract:
    """A dataset's contract. ``original`` is the document as it came, ``further`` more tables."""

    id: str
    name: str
    version: str
    status: str
    purpose: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    dialects: tuple[Dialect, ...]
    ascending: Ascending | None
    time_zone: ZoneInfo
    further: tuple[str, ...]
    custom: Mapping[str, object] = field(hash=False)
    original: bytes = field(repr=False)

    def column(self, name: str) -> Column:
        """Return the column of that name; asking for another is a mistake of the program."""
        return next(c for c in self.columns if c.name == name)


class _Loader(yaml.SafeLoader):
    """YAML as ODCS reads it: what looks like a date stays text."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, form) for tag, form in forms if tag != "tag:yaml.org,2002:timestamp"]
    for letter, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_contract(original: bytes, *, origin: str = "contract") -> Contract:
    """Return the contract that ``original`` holds; ``origin`` names it in a refusal."""
    return _Reading(origin).contract(original)


class _Reading:
    """One reading of one document: carries its name, so that each refusal can say it."""

    def __init__(self, origin: str) -> None:
        self.origin = origin

    def refuse(self, where: str, problem: str, found: object = "") -> ContractRefused:
        text = ", ".join(map(str, found)) if isinstance(found, list) else str(found)
        return ContractRefused(origin=self.origin, where=where, problem=problem, found=text)

    def contract(self, original: bytes) -> Contract:
        try:
            document = yaml.load(original, Loader=_Loader)  # noqa: S506 - a SafeLoader
        except (yaml.YAMLError, UnicodeDecodeError) as fault:
            raise self.refuse("document", "not-yaml", str(fault).splitlines()[0]) from None
        top = self.mapping(document, "document", _KEYS["document"])
        if top.get("kind") != "DataContract":
            raise self.refuse("kind", "kind", top.get("kind"))
        if not str(top.get("apiVersion", "")).startswith("v3."):
            raise self.refuse("apiVersion", "api-version", top.get("apiVersion"))
        for name in ("id", "version", "status"):
            if not isinstance(top.get(name), str) or not top[name].strip():
                raise self.refuse(name, "text")
        tables = [
            self.mapping(t, f"schema[{i}]", _KEYS["table"])
            for i, t in enumerate(self.sequence(top.get("schema", []), "schema"))
        ]
        columns = self.columns(tables[0]) if tables else ()
        custom = self.custom(top.get("customProperties", []))
        described = top.get("description", {})
        return Contract(
            id=top["id"],
            name=str(top.get("name") or top["id"]),
            version=top["version"],
            status=top["status"],
            purpose=str(described.get("purpose", "")) if isinstance(described, dict) else "",
            columns=columns,
            key=self.key(columns),
            dialects=self.dialects(custom.get("landing"), columns),
            ascending=self.ascending(custom.get("ascending"), columns),
            time_zone=self.time_zone(custom.get("timeZone", "UTC")),
            further=tuple(str(t.get("name")) for t in tables[1:]),
            custom=custom,
            original=original,
        )

    def columns(self, table: Mapping[str, Any]) -> tuple[Column, ...]:
        found: dict[str, Column] = {}
        for i, item in enumerate(self.sequence(table.get("properties", []), "properties")):
            where = f"properties[{i}]"
            given = self.mapping(item, where, _KEYS["column"])
            name = given.get("name")
            if not isinstance(name, str) or not name or name.startswith("_"):
                raise self.refuse(where, "column-name", name)
            if name in found:
                raise self.refuse(where, "column-twice", name)
            found[name] = self.one_column(name, given)
        return tuple(found.values())

    def one_column(self, name: str, given: Mapping[str, Any]) -> Column:
        type = given.get("logicalType", "string")
        if type not in TYPES:
            raise self.refuse(name, "type", type)
        rules = self.options(name, type, given.get("logicalTypeOptions", {}))
        for check in self.sequence(given.get("quality", []), name):
            rules |= self.quality(name, check)
        own = self.custom(given.get("customProperties", []))
        position = given.get("primaryKeyPosition", -1)
        return Column(
            name=name,
            type=type,
            required=given.get("required", False) is True,
            key_position=(position if position > 0 else 10_000)
            if given.get("primaryKey")
            else None,
            unit=None if own.get("unit") is None else str(own["unit"]),
            classification=given.get("classification"),
            description=str(given.get("description", "")),
            **rules,
        )

    def options(self, name: str, type: str, options: Any) -> dict[str, Any]:
        """Options of numbers and texts; those of other types are not rules of a row yet."""
        if not isinstance(options, dict):
            raise self.refuse(name, "mapping")
        rules: dict[str, Any] = {}
        if type in ("number", "integer"):
            names = {"minimum": "minimum", "maximum": "maximum"}
            names |= {"exclusiveMinimum": "above", "exclusiveMaximum": "below"}
            for theirs, ours in names.items():
                if theirs in options:
                    rules[ours] = self.number(name, options[theirs])
        if type == "string":
            for theirs, ours in {"minLength": "shortest", "maxLength": "longest"}.items():
                if theirs in options:
                    rules[ours] = int(self.number(name, options[theirs]))
            if "pattern" in options:
                rules["pattern"] = self.pattern(name, options["pattern"])
        return rules

    def quality(self, name: str, check: Any) -> dict[str, Any]:
        """Library checks that speak of each row; those that count rows are not row rules."""
        if not isinstance(check, dict):
            raise self.refuse(name, "mapping")
        if check.get("type", "library") != "library":
            return {}
        if check.get("rule") == "range" and "mustBeBetween" in check:
            low, high = check["mustBeBetween"]
            return {"minimum": self.number(name, low), "maximum": self.number(name, high)}
        arguments = check.get("arguments") or {}
        if check.get("metric") != "invalidValues" or check.get("mustBe") != 0:
            return {}
        rules: dict[str, Any] = {}
        if "validValues" in arguments:
            rules["allowed"] = tuple(self.sequence(arguments["validValues"], name))
        if "pattern" in arguments:
            rules["pattern"] = self.pattern(name, arguments["pattern"])
        return rules

    def key(self, columns: tuple[Column, ...]) -> tuple[str, ...]:
        parts = [(c.key_position, i, c.name) for i, c in enumerate(columns) if c.key_position]
        return tuple(name for _, _, name in sorted(parts))

    def dialects(self, given: Any, columns: tuple[Column, ...]) -> tuple[Dialect, ...]:
        known = {c.name for c in columns}
        if given is None:
            return (Dialect(name="contract", columns={c.name: c.name for c in columns}),)
        found = []
        for item in self.sequence(given, "landing"):
            one = self.mapping(item, "landing", frozenset({"name", "columns", "units_row"}))
            mapped = self.mapping(one.get("columns"), "landing.columns", None)
            if strangers := sorted(set(map(str, mapped.values())) - known):
                raise self.refuse("landing", "strange-column", strangers)
            missing = sorted(
                c.name for c in columns if c.required and c.name not in mapped.values()
            )
            if missing:
                raise self.refuse("landing", "unmapped", missing)
            if one.get("units_row") not in (None, 2):
                raise self.refuse("landing", "units-row", one["units_row"])
            found.append(
                Dialect(
                    name=str(one.get("name", "")),
                    columns={str(k): str(v) for k, v in mapped.items()},
                    units_row=one.get("units_row"),
                )
            )
        return tuple(found)

    def ascending(self, given: Any, columns: tuple[Column, ...]) -> Ascending | None:
        if given is None:
            return None
        one = self.mapping(given, "ascending", frozenset({"column", "within"}))
        within = tuple(str(w) for w in self.sequence(one.get("within", []), "ascending"))
        known = {c.name for c in columns}
        if strangers := sorted({str(one.get("column")), *within} - known):
            raise self.refuse("ascending", "strange-column", strangers)
        return Ascending(column=str(one["column"]), within=within)

    def time_zone(self, given: Any) -> ZoneInfo:
        try:
            return ZoneInfo(str(given))
        except (ZoneInfoNotFoundError, ValueError):
            raise self.refuse("timeZone", "time-zone", given) from None

    def custom(self, given: Any) -> dict[str, object]:
        found: dict[str, object] = {}
        for item in self.sequence(given, "customProperties"):
            if not isinstance(item, dict) or "property" not in item or "value" not in item:
                raise self.refuse("customProperties", "custom")
            found[str(item["property"])] = item["value"]
        return found

    def mapping(self, given: Any, where: str, known: frozenset[str] | None) -> Mapping[str, Any]:
        if not isinstance(given, dict):
            raise self.refuse(where, "mapping")
        if known is not None and (strange := sorted(str(k) for k in given if k not in known)):
            raise self.refuse(where, "keys", strange)
        return given

    def sequence(self, given: Any, where: str) -> list[Any]:
        if given is None:
            return []
        if not isinstance(given, list):
            raise self.refuse(where, "list")
        return given

    def number(self, where: str, given: Any) -> float:
        if isinstance(given, bool) or not isinstance(given, (int, float)):
            raise self.refuse(where, "number", given)
        return given

    def pattern(self, where: str, given: Any) -> re.Pattern[str]:
        try:
            return plain_pattern.compiled(str(given))
        except (re.error, plain_pattern.PatternExplodes):
            raise self.refuse(where, "pattern", given) from None


def _position(given: Any) -> int:
    """Return the place in the key; a part without a place comes after those that have one."""
    return given if isinstance(given, int) and given > 0 else 10_000
