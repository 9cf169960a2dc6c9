"""Asking decisions by hand: a field for each kind of input, and decisions that rest on others."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import QueryDict

from guantong.dmn.api import read
from guantong.packages.api import Package, graph, sheets
from guantong.portal.rule_tables import picture, table
from guantong.portal.rule_trying import decision_of, fields, inputs_of, tried, values_of
from guantong.portal.rule_words import RuleWords

XML = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m"
  namespace="x">
  <itemDefinition name="tKind"><typeRef>string</typeRef>
    <allowedValues><text>"dyke","hill"</text></allowedValues></itemDefinition>
  <inputData id="i1" name="kind"><variable name="kind" typeRef="tKind"/></inputData>
  <inputData id="i2" name="rain mm"><variable name="rain mm" typeRef="number"/></inputData>
  <inputData id="i3" name="dark"><variable name="dark" typeRef="boolean"/></inputData>
  <inputData id="i4" name="day"><variable name="day" typeRef="date"/></inputData>
  <inputData id="i5" name="since"><variable name="since" typeRef="dateTime"/></inputData>
  <inputData id="i6" name="reports"><variable name="reports" typeRef="Any"/></inputData>
  <inputData id="i7" name="land_reduction">
    <variable name="land_reduction" typeRef="number"/></inputData>
  <decision id="risk" name="risk">
    <informationRequirement><requiredInput href="#i1"/></informationRequirement>
    <informationRequirement><requiredInput href="#i2"/></informationRequirement>
    <informationRequirement><requiredInput href="#i3"/></informationRequirement>
    <decisionTable hitPolicy="FIRST">
      <input id="c1" label="Kind"><inputExpression><text>kind</text></inputExpression></input>
      <input id="c2"><inputExpression><text>rain mm</text></inputExpression></input>
      <input id="c3"><inputExpression><text>dark</text></inputExpression></input>
      <output id="o1" name="risk"/>
      <rule id="r1"><inputEntry><text>"hill"</text></inputEntry>
        <inputEntry><text>&gt;= 100</text></inputEntry><inputEntry><text>true</text></inputEntry>
        <outputEntry><text>"high"</text></outputEntry></rule>
      <rule id="r2"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry>
        <inputEntry><text>-</text></inputEntry><outputEntry><text>"low"</text></outputEntry></rule>
    </decisionTable></decision>
  <decision id="go" name="go">
    <informationRequirement><requiredDecision href="#risk"/></informationRequirement>
    <informationRequirement><requiredInput href="#i4"/></informationRequirement>
    <informationRequirement><requiredInput href="#i5"/></informationRequirement>
    <informationRequirement><requiredInput href="#i6"/></informationRequirement>
    <informationRequirement><requiredInput href="#i7"/></informationRequirement>
    <decisionTable>
      <input id="c4"><inputExpression><text>risk</text></inputExpression></input>
      <input id="c5"><inputExpression><text>count(reports)</text></inputExpression></input>
      <output id="o2" name="go"/>
      <rule id="g1"><inputEntry><text>"high"</text></inputEntry>
        <inputEntry><text>&gt; 1</text></inputEntry>
        <outputEntry><text>"now"</text></outputEntry></rule>
    </decisionTable></decision>
</definitions>"""
ASKED = {
    "in-kind": "hill", "in-rain mm": "120，5", "in-dark": "true", "in-day": "2026-08-01",
    "in-since": "2026-08-01T08:00:00", "in-reports": '["a", "b"]', "in-land_reduction": "0.7",
}  # fmt: skip


def query(values: dict[str, str]) -> QueryDict:
    made = QueryDict(mutable=True)
    made.update(values)
    return made


@pytest.fixture
def words(flood: Package) -> RuleWords:
    return RuleWords(flood, "en")


@pytest.fixture
def asked(flood: Package, words: RuleWords) -> Any:
    decision = decision_of(read(XML), "", "")
    return decision, inputs_of(decision, sheets(XML), graph(XML), flood, words)


def test_the_decision_that_no_other_requires_is_asked_with_all_it_rests_on(asked: Any) -> None:
    decision, inputs = asked

    assert decision.id == "go"
    assert {one.name: one.kind for one in inputs} == {
        "kind": "choice", "rain mm": "number", "dark": "boolean", "day": "date",
        "since": "moment", "reports": "feel", "land_reduction": "number",
    }  # fmt: skip
    assert next(one for one in inputs if one.name == "kind").choices == ("dyke", "hill")


def test_each_kind_of_field_becomes_a_value_of_its_type(asked: Any) -> None:
    _, inputs = asked

    values, errors = values_of(inputs, query(ASKED), "en")

    assert errors == {}
    assert values["rain mm"] == Decimal("120.5")
    assert (values["dark"], values["day"]) == (True, date(2026, 8, 1))
    assert values["reports"] == ["a", "b"]
    assert values["since"].isoformat().startswith("2026-08-01T08:00")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rain mm", "much"), ("rain mm", "NaN"), ("dark", "maybe"), ("day", "soon"),
        ("since", "8 o'clock"), ("since", '") or ("'), ("reports", "["), ("reports", '"a'),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_its_own_field(
    asked: Any, words: RuleWords, name: str, text: str
) -> None:
    _, inputs = asked

    values, errors = values_of(inputs, query(ASKED | {f"in-{name}": text}), "en")

    assert list(errors) == [name]
    assert name not in values
    shown = {field["name"]: field for field in fields(inputs, query(ASKED), errors, {}, words)}
    assert shown[f"in-{name}"]["error"] == errors[name]


def test_the_rows_of_every_decision_on_the_way_are_told(asked: Any, words: RuleWords) -> None:
    decision, inputs = asked
    values, _ = values_of(inputs, query(ASKED), "en")

    found = tried(decision, values, words.labels(sheets(XML).values()), "en")

    assert {id: [hit.index for hit in o.hits] for id, o in found.outcomes.items()} == {
        "risk": [1], "go": [1],
    }  # fmt: skip
    assert "now" in found.sentence
    shown = table(sheets(XML)["risk"], words, {1: "hit"})
    assert [row["mark"] for row in shown["rows"]] == ["hit", ""]


def test_a_value_that_is_known_is_filled_in_with_where_it_is_from(
    asked: Any, words: RuleWords
) -> None:
    _, inputs = asked
    known = {"land_reduction": ("0.8", "a parameter")}

    empty = {f["name"]: f for f in fields(inputs, query({}), {}, known, words)}
    typed = {f["name"]: f for f in fields(inputs, query(ASKED), {}, known, words)}

    assert empty["in-land_reduction"]["value"] == "0.8"
    assert empty["in-land_reduction"]["prefilled_from"] == "a parameter"
    assert typed["in-land_reduction"]["value"] == "0.7"


def test_several_decisions_are_drawn_with_what_they_rest_on_below_them(words: RuleWords) -> None:
    drawn = picture(graph(XML), words)

    assert drawn is not None
    boxes = {box["whole"]: box for box in drawn["boxes"]}
    assert boxes["go"]["y"] < boxes["risk"]["y"] < boxes["kind"]["y"]
    assert len(drawn["lines"]) == 8
    assert all(0 <= box["x"] <= drawn["width"] - box["width"] for box in drawn["boxes"])
    assert next(one for one in drawn["list"] if one["title"] == "go")["requires"][0] == "risk"


def test_one_decision_alone_is_not_drawn(flood: Package, words: RuleWords) -> None:
    assert picture(graph(flood.documents["rules/typhoon_signal.dmn"].content), words) is None
