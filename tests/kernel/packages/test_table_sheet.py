"""A decision table as texts: taken apart, put together again, compared row by row."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from guantong.dmn.api import DecisionTable, read
from guantong.packages.tables.comparison import compare_all
from guantong.packages.tables.sheet import (
    Row,
    Sheet,
    graph,
    namespace_of,
    rewritten,
    sheets,
)

FILE = Path(__file__).parents[3] / "apps/flood_response/rules/typhoon_signal.dmn"
XML = FILE.read_bytes()
TABLE = "typhoon_signal"
DMN13 = "https://www.omg.org/spec/DMN/20191111/MODEL/"

DESCRIBED = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m"
  namespace="x">
  <inputData id="age" name="age"><variable name="age" typeRef="number"/></inputData>
  <decision id="d" name="d">
  <informationRequirement><requiredInput href="#age"/></informationRequirement>
  <decisionTable hitPolicy="COLLECT" aggregation="SUM">
    <input label="Age"><inputExpression typeRef="number"><text>age</text></inputExpression>
      <inputValues><text>[0..150]</text></inputValues></input>
    <output name="fee"/>
    <rule><description>Law 7</description><inputEntry><text>&lt; 18</text></inputEntry>
      <outputEntry><text>0</text></outputEntry></rule>
    <rule id="rest"><inputEntry><text></text></inputEntry>
      <outputEntry><text>9</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""


def canonical(xml: bytes) -> bytes:
    return etree.tostring(etree.fromstring(xml), method="c14n", with_comments=True)


def cells(sheet: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in sheet.rows]


def test_a_table_shows_its_columns_its_rows_and_what_they_rest_on() -> None:
    sheet = sheets(XML)[TABLE]

    assert [c.role for c in sheet.columns] == ["input"] * 6 + ["output", "note"]
    assert (sheet.columns[0].expression, sheet.columns[0].type) == ("wind_6h_ms", "number")
    assert sheet.columns[6].values == '"red","orange","yellow","blue","none"'
    assert len(sheet.rows) == 9
    assert sheet.rows[0].id == "red_by_mean_wind"
    assert sheet.rows[0].cells[0] == ">= 32.7"
    assert "中国气象局令第16号" in sheet.rows[0].cells[-1]


def test_a_table_without_ids_and_columns_of_remarks_is_shown_all_the_same() -> None:
    sheet = sheets(DESCRIBED)["d"]

    assert (sheet.hit_policy, sheet.aggregation) == ("COLLECT", "SUM")
    assert [row.id for row in sheet.rows] == ["row-1", "rest"]
    assert cells(sheet) == [("< 18", "0", "Law 7"), ("", "9", "")]
    assert sheet.columns[0].values == "[0..150]"


def test_the_graph_names_what_each_decision_requires() -> None:
    found = {node.id: node for node in graph(DESCRIBED)}

    assert (found["age"].kind, found["age"].type) == ("data", "number")
    assert found["d"].kind == "decision"
    assert found["d"].requires == ("age",)


def test_the_same_rows_written_back_leave_every_element_as_it_was() -> None:
    again = rewritten(XML, TABLE, sheets(XML)[TABLE].rows)

    assert sheets(again) == sheets(XML)
    assert canonical(again) == canonical(XML)


def test_a_changed_cell_an_added_and_a_removed_row_are_read_by_the_engine() -> None:
    rows = list(sheets(XML)[TABLE].rows)
    rows[0] = Row(rows[0].id, (">= 30", *rows[0].cells[1:]))
    del rows[1]
    rows.insert(1, Row("rule_new", ("-", ">= 40", "-", "-", "-", "-", '"red"', "会议纪要")))

    table = read(rewritten(XML, TABLE, rows)).decision(TABLE).logic

    assert isinstance(table, DecisionTable)
    assert [rule.id for rule in table.rules][:3] == ["red_by_mean_wind", "rule_new", rows[2].id]
    assert table.rules[1].annotation == "会议纪要"
    assert table.decide({"wind_6h_ms": 31}).value == "red"


def test_a_described_row_keeps_its_remark_where_the_standard_has_it() -> None:
    rows = list(sheets(DESCRIBED)["d"].rows)
    rows[1] = Row("rest", ("", "9", "Law 8"))

    again = rewritten(DESCRIBED, "d", rows)

    assert cells(sheets(again)["d"])[1] == ("", "9", "Law 8")
    assert b"<description>Law 8</description><inputEntry>" in again


def test_the_editor_s_namespace_is_another_one_and_changes_no_table() -> None:
    moved = XML.replace(namespace_of(XML).encode(), DMN13.encode())

    assert namespace_of(moved) == DMN13
    assert sheets(moved) == sheets(XML)


@given(st.lists(st.integers(0, 11), unique=True), st.data())
def test_what_a_comparison_names_turns_the_one_version_into_the_other(
    order: list[int], data: st.DataObject
) -> None:
    old = sheets(XML)[TABLE]
    new_rows = []
    for n in order:
        if n < len(old.rows):
            row = old.rows[n]
            text = data.draw(st.sampled_from([row.cells[0], ">= 1", "-"]))
            new_rows.append(Row(row.id, (text, *row.cells[1:])))
        else:
            new_rows.append(Row(f"rule_{n}", ("-",) * 6 + ('"none"', "")))
    new = sheets(rewritten(XML, TABLE, new_rows))

    told = compare_all({TABLE: old}, new)

    changes = {row.id: row for one in told for row in one.rows}
    was = {row.id: row for row in old.rows}
    now = {row.id: row for row in new[TABLE].rows}
    assert {id for id, c in changes.items() if c.how == "added"} == now.keys() - was.keys()
    assert {id for id, c in changes.items() if c.how == "removed"} == was.keys() - now.keys()
    for id in was.keys() & now.keys():
        changed = (
            {cell.column.id: cell.after for cell in changes[id].cells} if id in changes else {}
        )
        columns = [column.id for column in old.columns]
        rebuilt = tuple(
            changed.get(column, text) for column, text in zip(columns, was[id].cells, strict=True)
        )
        assert rebuilt == now[id].cells
    stayed = [id for id in was if id in now and changes.get(id) is None]
    assert stayed == [id for id in now if id in stayed]


@pytest.mark.parametrize("other", ["FIRST", "UNIQUE"])
def test_another_hit_policy_is_a_change_of_the_head(other: str) -> None:
    text = XML.decode().replace('hitPolicy="FIRST"', f'hitPolicy="{other}"')

    told = compare_all(sheets(XML), sheets(text.encode()))

    assert [(h.what, h.before, h.after) for one in told for h in one.head] == (
        [] if other == "FIRST" else [("policy", "FIRST", "UNIQUE")]
    )
