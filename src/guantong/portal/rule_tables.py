"""Decision tables for the template: heads, rows, marked cells; comparisons; the graph as a picture.

A cell shows the text that decides, as it stands in the file, so that nothing is lost between what
is read and what is carried out; where the package has a word for a value, it stands before it.
"""

from collections.abc import Mapping
from typing import Any

from guantong.packages.api import Column, Comparison, Node, Row, Sheet
from guantong.portal.rule_words import RuleWords
from guantong.portal.vmodel_picture import cut

_ANY = frozenset({"", "-"})
# What a column is to the look of a page.
_LOOKS = {"input": "input", "output": "output", "note": "basis"}
# The picture of requirements: boxes in layers, those required below those that require them.
WIDTH, HEIGHT, GAP_X, GAP_Y, FONT = 200, 44, 24, 40, 13


def head(column: Column, words: RuleWords) -> dict[str, str]:
    """Return a column for the head of a table: what it is called, and what it reads."""
    label = words.column(column)
    under = [column.expression] if column.expression and column.expression != label else []
    if column.type:
        under.append(words.type(column.type))
    if column.values:
        under.append(column.values)
    return {"label": label, "role": _LOOKS[column.role], "under": " · ".join(under)}


def table(
    sheet: Sheet, words: RuleWords, marked: Mapping[int, str] | None = None
) -> dict[str, Any]:
    """Return a table; ``marked`` are the numbers of rows that hit, and how each is called."""
    marks = marked or {}
    heads = [head(column, words) for column in sheet.columns]
    rows = [
        {
            "id": row.id,
            "number": number,
            "mark": marks.get(number, ""),
            "cells": [
                cell(column, text, row, words) | {"label": told["label"], "hit": number in marks}
                for column, text, told in zip(sheet.columns, row.cells, heads, strict=True)
            ],
        }
        for number, row in enumerate(sheet.rows, 1)
    ]
    policy = sheet.hit_policy
    return {
        "id": sheet.decision,
        "title": words.named(sheet.decision, sheet.name),
        "policy": f"{policy} {sheet.aggregation}".strip(),
        "policy_note": words.say(f"rules.policy_{policy.lower().replace(' ', '_')}")
        if policy in _POLICIES else "",
        "columns": heads,
        "rows": rows,
        "hit": bool(marks),
    }  # fmt: skip


_POLICIES = (
    "UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER", "OUTPUT ORDER",
)  # fmt: skip


def cell(column: Column, text: str, row: Row, words: RuleWords) -> dict[str, Any]:
    """Return one cell: its text, the word for its value, and whether it lets everything pass."""
    if column.role == "note":
        return {"role": "basis", "text": words.note(row, text), "word": "", "any": False}
    any_ = column.role == "input" and text in _ANY
    return {"role": column.role, "text": text, "word": words.value(text), "any": any_}


def comparison(one: Comparison, words: RuleWords) -> dict[str, Any]:
    """Return what differs between two versions of a table, row by row."""
    return {
        "title": words.named(one.decision, one.name),
        "head": [
            {
                "label": words.say("rules.policy") if change.what == "policy" else change.label,
                "before": change.before, "after": change.after,
            }
            for change in one.head
        ],
        "rows": [
            {
                "how": row.how,
                "word": words.say(f"rules.row_{row.how}", before=row.before, after=row.after),
                "cells": [
                    {"label": words.column(c.column), "before": c.before, "after": c.after}
                    for c in row.cells
                    # Of a row that comes or goes, what lets every value pass says nothing.
                    if row.how not in ("added", "removed") or {c.before, c.after} - _ANY
                ],
            }
            for row in one.rows
        ],
    }  # fmt: skip


def picture(nodes: list[Node], words: RuleWords) -> dict[str, Any] | None:
    """Return the requirements as a picture; none where one decision stands alone."""
    if sum(node.kind == "decision" for node in nodes) < 2:
        return None
    by_id = {node.id: node for node in nodes}
    layers: dict[int, list[Node]] = {}
    for node in nodes:
        layers.setdefault(_depth(node, by_id, ()), []).append(node)
    widest = max(len(layer) for layer in layers.values())
    width = widest * (WIDTH + GAP_X) + GAP_X
    deepest = max(layers)
    places: dict[str, tuple[int, int]] = {}
    for depth, layer in layers.items():
        step = width // len(layer)
        for number, node in enumerate(layer):
            x = step * number + (step - WIDTH) // 2
            places[node.id] = (x, GAP_X + (deepest - depth) * (HEIGHT + GAP_Y))
    return {
        "width": width,
        "height": GAP_X * 2 + deepest * (HEIGHT + GAP_Y) + HEIGHT,
        "boxes": [_box(node, places[node.id], words) for node in nodes],
        "lines": [
            {
                "x1": places[id][0] + WIDTH // 2, "y1": places[id][1],
                "x2": places[node.id][0] + WIDTH // 2, "y2": places[node.id][1] + HEIGHT,
            }
            for node in nodes for id in node.requires if id in places
        ],
        "list": [
            {
                "title": words.named(node.id, node.name),
                "kind": words.say(f"rules.node_{node.kind}"),
                "requires": [
                    words.named(id, by_id[id].name) for id in node.requires if id in by_id
                ],
            }
            for node in nodes
        ],
    }  # fmt: skip


def _box(node: Node, place: tuple[int, int], words: RuleWords) -> dict[str, Any]:
    title = words.named(node.id, node.name)
    return {
        "kind": node.kind, "x": place[0], "y": place[1], "width": WIDTH, "height": HEIGHT,
        "text": cut(title, WIDTH - 20, FONT), "whole": title, "text_x": place[0] + WIDTH // 2,
        "text_y": place[1] + HEIGHT // 2 + 5, "round": 20 if node.kind == "data" else 4,
        "href": f"#table-{node.id}" if node.kind == "decision" else "",
    }  # fmt: skip


def _depth(node: Node, by_id: Mapping[str, Node], above: tuple[str, ...]) -> int:
    """Return how many steps of requirements lie below a node; a ring, which dmn refuses, ends."""
    below = [by_id[id] for id in node.requires if id in by_id and id not in above]
    return max((1 + _depth(one, by_id, (*above, node.id)) for one in below), default=0)
