"""What is too much is refused, soon and with a sentence, however short the text is."""

import time

import pytest

from guantong.feel.api import FeelTooMuch, parse
from guantong.feel.work import MOST_SECONDS

LETTERS = 'string join(for i in 1..1500 return "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")'


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000 return i",
        "for i in 1..1e30 return i",
        "for i in -9e6000..9e6000 return i",
        "for i in 1..1000, j in 1..1000 return 1",
        "for i in 1..1000 return partial",
        "every i in 1..1000 satisfies every j in 1..1000 satisfies i + j > 0",
        "{f: function(n) f(n), r: f(1)}.r",
        "{f: function(n) f(n) + f(n), r: f(1)}.r",
        "{x: for i in 1..400 return i, r: x[some j in x satisfies j > 999]}.r",
        "{x: for i in 1..1000 return [i], r: distinct values(x)}.r",
        "sort(for i in 1..40000 return i, function(a, b) a < b)",
        f'replace({LETTERS}, "a", "aaaaaaaaaaaaaaaa")',
        f"string join(for i in 1..99 return {LETTERS})",
        f'split({LETTERS}, "((a|aa)+)+c")',
        'matches("a", "(((((a{1000}){1000}){1000}){1000}){1000}){1000}")',
        'matches("a", "((a{1,99}){1,99}){1,99}$")',
        'matches("a", string join(for i in 1..500 return "(a)"))',
    ],
)
def test_what_asks_for_too_much_is_refused_in_its_time(text: str) -> None:
    begun = time.thread_time()

    with pytest.raises(FeelTooMuch, match="Make it simpler, or split it") as refusal:
        parse(text).evaluate({})

    assert "请简化" in refusal.value.sentence("zh-CN")
    assert time.thread_time() - begun < 2 * MOST_SECONDS


def test_the_patterns_of_one_evaluation_share_its_time() -> None:
    once = 'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab" + string(i), "((a|aa)+)+c")'
    begun = time.thread_time()

    with pytest.raises(FeelTooMuch):
        parse(f"for i in 1..100 return {once}").evaluate({})

    assert time.thread_time() - begun < 2 * MOST_SECONDS


def test_a_loop_of_a_rule_stays_far_below_the_bound() -> None:
    towns = [{"people": number} for number in range(2000)]

    text = "sum(for town in towns return if town.people > 5 then town.people * 2 else 0)"

    assert parse(text).evaluate({"towns": towns}) == 3997970


def test_a_loop_within_nothing_costs_nothing() -> None:
    assert parse("for i in [], j in 1..1e30 return 1").evaluate({}) == []
