"""A decision table as people edit it: its columns and the text of each cell, no more.

What the texts mean belongs to ``dmn``; here a file is taken apart into texts and put together again
with other ones, so that everything else in it stays as it was: ids, notes, layout, other decisions.
A file gets here only after ``dmn`` has read it, so its size and its XML have been looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

Role = Literal["input", "output", "note"]
# The one column of remarks of a table that declares none: DMN's description of the rule.
DESCRIPTION = "description"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what it asks, answers, or remarks. ``values`` are those it declares, as text."""

    id: str
    role: Role
    label: str
    expression: str = ""
    type: str = ""
    values: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule: its id, and the text of each of its cells in the order of the columns."""

    id: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The table of one decision."""

    decision: str
    name: str
    hit_policy: str
    aggregation: str = ""
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One element of the requirements graph: ``data``, ``decision``, ``knowledge``, ``source``."""

    id: str
    kind: str
    name: str
    requires: tuple[str, ...] = ()
    # Of input data: its type, and the values that the type allows, as texts of FEEL.
    type: str = ""
    values: str = ""


def sheets(xml: bytes) -> Mapping[str, Sheet]:
    """Return the tables of a file by the id of their decision, in the order of the file."""
    root = _parsed(xml)
    found = ((_key(owner), _sheet(owner, table)) for owner, table in _tables(root))
    return dict(found)


def rewritten(xml: bytes, decision: str, rows: Sequence[Row]) -> bytes:
    """Return the file with these rows in one table: others are gone, new ids are new rules."""
    root = _parsed(xml)
    _, table = next(pair for pair in _tables(root) if _key(pair[0]) == decision)
    columns = _columns(table)
    known = {
        row.id: rule for row, rule in zip(_rows(table, columns), _all(table, "rule"), strict=True)
    }
    rules = list(known.values())
    tail = rules[0].tail if rules else None
    last = rules[-1].tail if rules else None
    for rule in rules:
        table.remove(rule)
    for row in rows:
        held = known.get(row.id)
        rule = etree.Element(_named(table, "rule"), id=row.id) if held is None else held
        _write(rule, row, columns)
        rule.tail = tail
        table.append(rule)
    if len(table):
        table[-1].tail = last
    return _text(root)


def namespace_of(xml: bytes) -> str:
    """Return the namespace of a file's model."""
    return str(etree.QName(_parsed(xml)).namespace)


def graph(xml: bytes) -> list[Node]:
    """Return what the decisions of a file rest on, in the order of the file."""
    root = _parsed(xml)
    kinds = {
        "inputData": "data", "decision": "decision", "businessKnowledgeModel": "knowledge",
        "knowledgeSource": "source",
    }  # fmt: skip
    types = {item.get("name", ""): item for item in _all(root, "itemDefinition")}
    found = []
    for element in root:
        tag = str(etree.QName(element).localname) if isinstance(element.tag, str) else ""
        if tag in kinds:
            type_, values = _typed(element, types)
            found.append(
                Node(
                    id=_key(element), kind=kinds[tag], name=element.get("name", ""),
                    requires=tuple(_required(element)), type=type_, values=values,
                )
            )  # fmt: skip
    return found


def _typed(element: "etree._Element", types: Mapping[str, "etree._Element"]) -> tuple[str, str]:
    """Return the type of an element, that of its item definition in its place, and its values."""
    variable = next(_all(element, "variable"), None)
    named = "" if variable is None else variable.get("typeRef", "")
    item = types.get(named)
    if item is None:
        return named, ""
    base = next(_all(item, "typeRef"), None)
    text = "" if base is None else "".join(str(part) for part in base.itertext()).strip()
    return text or named, _values(item, "allowedValues")


def _required(element: "etree._Element") -> Iterator[str]:
    for requirement in element:
        if isinstance(requirement.tag, str) and requirement.tag.endswith("Requirement"):
            for target in requirement:
                yield str(target.get("href", "")).rpartition("#")[2]


def _parsed(xml: bytes) -> "etree._Element":
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(xml, parser)


def _text(root: "etree._Element") -> bytes:
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8") + b"\n"


def _tables(root: "etree._Element") -> Iterator[tuple["etree._Element", "etree._Element"]]:
    for owner in _all(root, "decision"):
        for table in _all(owner, "decisionTable"):
            yield owner, table


def _sheet(owner: "etree._Element", table: "etree._Element") -> Sheet:
    columns = _columns(table)
    return Sheet(
        decision=_key(owner), name=owner.get("name", ""),
        hit_policy=table.get("hitPolicy", "UNIQUE"), aggregation=table.get("aggregation", ""),
        columns=columns, rows=tuple(_rows(table, columns)),
    )  # fmt: skip


def _columns(table: "etree._Element") -> tuple[Column, ...]:
    found: list[Column] = []
    for number, element in enumerate(_all(table, "input"), 1):
        expression = next(_all(element, "inputExpression"), None)
        text = "" if expression is None else _inner(expression)
        found.append(
            Column(
                id=element.get("id") or f"input-{number}", role="input",
                label=element.get("label") or text, expression=text,
                type="" if expression is None else expression.get("typeRef", ""),
                values=_values(element, "inputValues"),
            )
        )  # fmt: skip
    for number, element in enumerate(_all(table, "output"), 1):
        name = element.get("name", "")
        label = element.get("label") or name or table.get("outputLabel") or ""
        found.append(
            Column(
                id=element.get("id") or f"output-{number}", role="output", label=label,
                expression=name, type=element.get("typeRef", ""),
                values=_values(element, "outputValues"),
            )
        )  # fmt: skip
    return (*found, *_notes(table))


def _notes(table: "etree._Element") -> list[Column]:
    declared = [element.get("name", "") for element in _all(table, "annotation")]
    used = max(
        (len(list(_all(rule, "annotationEntry"))) for rule in _all(table, "rule")), default=0
    )
    declared += [""] * (used - len(declared))
    if not declared:
        return [Column(id=DESCRIPTION, role="note", label="")]
    return [
        Column(id=f"note-{number}", role="note", label=name)
        for number, name in enumerate(declared, 1)
    ]


def _rows(table: "etree._Element", columns: Sequence[Column]) -> Iterator[Row]:
    for number, rule in enumerate(_all(table, "rule"), 1):
        cells = [_inner(entry) for entry in _all(rule, "inputEntry")]
        cells += [_inner(entry) for entry in _all(rule, "outputEntry")]
        if columns[-1].id == DESCRIPTION:
            own = next(_all(rule, DESCRIPTION), None)
            cells.append(
                "" if own is None else "".join(str(part) for part in own.itertext()).strip()
            )
        else:
            cells += [_inner(entry) for entry in _all(rule, "annotationEntry")]
        cells += [""] * (len(columns) - len(cells))
        yield Row(rule.get("id") or f"row-{number}", tuple(cells))


def _write(rule: "etree._Element", row: Row, columns: Sequence[Column]) -> None:
    """Bring a rule's cells to these texts; what is the same already stays untouched."""
    tags = {"input": "inputEntry", "output": "outputEntry", "note": "annotationEntry"}
    places: dict[str, int] = {}
    for column, text in zip(columns, row.cells, strict=True):
        if column.id == DESCRIPTION:
            _describe(rule, text)
            continue
        tag = tags[column.role]
        place = places.get(tag, 0)
        places[tag] = place + 1
        held = list(_all(rule, tag))
        if place < len(held):
            entry = held[place]
        else:
            entry = etree.SubElement(rule, _named(rule, tag))
            if column.role != "note":
                entry.set("id", f"{row.id}_{column.id}")
        if _inner(entry) != text or not len(entry):
            inner = next(_all(entry, "text"), None)
            if inner is None:
                inner = etree.SubElement(entry, _named(rule, "text"))
            for child in inner:
                inner.remove(child)
            inner.text = text


def _describe(rule: "etree._Element", text: str) -> None:
    own = next(_all(rule, DESCRIPTION), None)
    if own is None and text:
        own = etree.Element(_named(rule, DESCRIPTION))
        rule.insert(0, own)
    if own is not None:
        own.text = text


def _values(element: "etree._Element", tag: str) -> str:
    declared = next(_all(element, tag), None)
    return "" if declared is None else _inner(declared)


def _inner(entry: "etree._Element") -> str:
    text = next(_all(entry, "text"), None)
    return "" if text is None else "".join(str(part) for part in text.itertext()).strip()


def _all(element: "etree._Element", tag: str) -> Iterator["etree._Element"]:
    yield from element.findall(_named(element, tag))


def _named(element: "etree._Element", tag: str) -> str:
    return f"{{{etree.QName(element).namespace}}}{tag}"


def _key(element: "etree._Element") -> str:
    return element.get("id") or element.get("name") or ""
