"""Seven hit policies, each against a few lines that say what the standard says.

The oracle is given which rows hit and what they answer, and never looks at the engine.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.kernel.dmn.sample import Row, decision, document, table

from guantong.dmn.api import (
    INPUT_NOT_ALLOWED,
    NOT_SAME,
    NOT_SUMMABLE,
    NOT_UNIQUE,
    OUTPUT_NOT_ALLOWED,
    DmnUnreadable,
    DmnUnsupported,
    Outcome,
    read,
)

ORDER = ("red", "orange", "yellow", "blue")
DECLARED = ", ".join(f'"{level}"' for level in ORDER)
# A row hits when x is not below its border, and answers with its level.
Rows = list[tuple[int, str]]
rows_of_levels = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(ORDER)), max_size=6)


def ask(rows: Sequence[Row], policy: str, x: object, **options: object) -> Outcome:
    logic = table(rows, policy=policy, inputs=("x",), **options)  # type: ignore[arg-type]
    return (
        read(document(decision("d", logic, "input:x"), inputs=("x",)))
        .decision("d")
        .decide({"x": x})
    )


def ask_levels(rows: Rows, policy: str, x: int, **options: object) -> Outcome:
    made: list[Row] = [((f">= {border}",), (f'"{level}"',), "") for border, level in rows]
    return ask(made, policy, x, values=[DECLARED], **options)


def unique(answers: list[str]) -> object:
    return answers[0] if len(answers) == 1 else None


def any_of(answers: list[str]) -> object:
    return answers[0] if len(set(answers)) == 1 else None


def first(answers: list[str]) -> object:
    return answers[0] if answers else None


def priority(answers: list[str]) -> object:
    return min(answers, key=ORDER.index) if answers else None


def rule_order(answers: list[str]) -> object:
    return answers or None


def output_order(answers: list[str]) -> object:
    return sorted(answers, key=ORDER.index) or None


ORACLES: dict[str, Callable[[list[str]], object]] = {
    "UNIQUE": unique,
    "ANY": any_of,
    "FIRST": first,
    "PRIORITY": priority,
    "RULE ORDER": rule_order,
    "OUTPUT ORDER": output_order,
    "COLLECT": rule_order,
}


@pytest.mark.parametrize("policy", ORACLES)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of_levels, x=st.integers(0, 4))
def test_a_policy_makes_of_the_hits_what_the_standard_says(policy: str, rows: Rows, x: int) -> None:
    answers = [level for border, level in rows if x >= border]

    assert ask_levels(rows, policy, x).value == ORACLES[policy](answers)


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.tuples(st.integers(0, 4), st.decimals(-9, 9, places=2)), max_size=6),
    x=st.integers(0, 4),
)
def test_aggregations_add_up_compare_and_count(rows: list[tuple[int, Decimal]], x: int) -> None:
    made: list[Row] = [((f">= {border}",), (f"{number}",), "") for border, number in rows]
    numbers = [number for border, number in rows if x >= border]

    def collected(aggregation: str) -> object:
        return ask(made, "COLLECT", x, aggregation=aggregation).value

    assert collected("COUNT") == len(numbers)
    assert collected("SUM") == (sum(numbers) if numbers else None)
    assert collected("MIN") == (min(numbers) if numbers else None)
    assert collected("MAX") == (max(numbers) if numbers else None)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(rows=rows_of_levels, x=st.integers(0, 4), policy=st.sampled_from(sorted(ORACLES)))
def test_what_hit_is_told_whatever_the_policy_makes_of_it(rows: Rows, x: int, policy: str) -> None:
    hit = [number for number, (border, _) in enumerate(rows, 1) if x >= border]

    told = [each.index for each in ask_levels(rows, policy, x).hits]

    assert told == (hit[:1] if policy == "FIRST" else hit)


TWO: Rows = [(0, "blue"), (1, "red")]


@pytest.mark.parametrize(
    ("policy", "rows", "code"), [("UNIQUE", TWO, NOT_UNIQUE), ("ANY", TWO, NOT_SAME)]
)
def test_a_contradiction_of_the_table_is_named_with_its_rules(
    policy: str, rows: Rows, code: str
) -> None:
    outcome = ask_levels(rows, policy, 1)

    assert outcome.value is None
    assert outcome.fault is not None
    assert (outcome.fault.code, outcome.fault.rules) == (code, ("rule_1", "rule_2"))


def test_a_sum_of_texts_and_a_comparison_of_kinds_are_faults() -> None:
    texts: list[Row] = [(("-",), ('"a"',), ""), (("-",), ('"b"',), "")]
    mixed: list[Row] = [(("-",), ("1",), ""), (("-",), ('"b"',), "")]

    for rows, aggregation in ((texts, "SUM"), (mixed, "MIN"), (mixed, "SUM")):
        outcome = ask(rows, "COLLECT", 1, aggregation=aggregation)
        assert outcome.value is None
        assert outcome.fault is not None
        assert outcome.fault.code == NOT_SUMMABLE
    assert ask(mixed, "COLLECT", 1, aggregation="COUNT").value == 2


def test_durations_and_dates_are_collected_like_numbers() -> None:
    hours: list[Row] = [(("-",), ('@"PT2H"',), ""), (("-",), ('@"PT3H"',), "")]
    days: list[Row] = [(("-",), ('@"2026-06-20"',), ""), (("-",), ('@"2026-06-19"',), "")]

    assert str(ask(hours, "COLLECT", 1, aggregation="SUM").value) == "5:00:00"
    assert str(ask(days, "COLLECT", 1, aggregation="MIN").value) == "2026-06-19"


def test_priority_goes_by_the_first_column_and_then_by_the_next() -> None:
    rows: list[Row] = [
        (("-",), ('"yellow"', '"b"'), ""),
        (("-",), ('"red"', '"b"'), ""),
        (("-",), ('"red"', '"a"'), ""),
    ]
    options = {"outputs": ("level", "way"), "values": [DECLARED, '"a","b"']}

    assert ask(rows, "PRIORITY", 1, **options).value == {"level": "red", "way": "a"}
    in_order = ask(rows, "OUTPUT ORDER", 1, **options).value
    assert [(row["level"], row["way"]) for row in in_order] == [
        ("red", "a"), ("red", "b"), ("yellow", "b"),
    ]  # fmt: skip


@pytest.mark.parametrize("policy", sorted(ORACLES))
def test_the_default_answers_where_no_rule_hits(policy: str) -> None:
    assert ask_levels([(3, "red")], policy, 1, default='"blue"').value == "blue"


def test_an_input_outside_of_its_column_is_not_decided_and_named() -> None:
    rows: list[Row] = [(("-",), ('"red"',), "")]

    outcome = ask(rows, "UNIQUE", 11, allowed="[0..10]")

    assert (outcome.value, outcome.hits) == (None, ())
    assert outcome.fault is not None
    assert outcome.fault.code == INPUT_NOT_ALLOWED
    assert outcome.fault.facts == {"label": "x", "value": Decimal(11)}
    assert ask(rows, "UNIQUE", 10, allowed="[0..10]").value == "red"
    assert ask(rows, "UNIQUE", None, allowed="[0..10]").value == "red"


def test_an_answer_outside_of_its_column_is_a_mistake_of_the_table() -> None:
    outcome = ask([(("-",), ('"pink"',), "")], "UNIQUE", 1, values=[DECLARED])

    assert outcome.value is None
    assert outcome.fault is not None
    assert (outcome.fault.code, outcome.fault.rules) == (OUTPUT_NOT_ALLOWED, ("rule_1",))
    assert ask([(("-",), ('["red"]',), "")], "UNIQUE", 1, values=[DECLARED]).value == ["red"]


def test_what_the_standard_leaves_undefined_is_refused() -> None:
    rows: list[Row] = [(("-",), ("1", "2"), "")]

    with pytest.raises(DmnUnsupported, match='aggregation="SUM"'):
        ask(rows, "COLLECT", 1, outputs=("a", "b"), aggregation="SUM")
    with pytest.raises(DmnUnsupported, match='aggregation="SUM"'):
        ask(rows[:0], "FIRST", 1, aggregation="SUM")
    with pytest.raises(DmnUnreadable, match="the one of highest priority first") as refusal:
        ask(rows, "PRIORITY", 1, outputs=("a", "b"))
    assert "优先级最高的在前" in refusal.value.sentence("zh-CN")
