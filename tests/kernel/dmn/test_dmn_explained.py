"""Every kind of logic says in Chinese and in English how it came to its value."""

import pytest
from tests.kernel.dmn.sample import (
    Row,
    context,
    decision,
    document,
    function,
    invocation,
    knowledge,
    literal,
    service,
    table,
)

from guantong.dmn.api import HIT_POLICIES, Outcome, explain, read

ROWS: list[Row] = [((">= 10",), ('"red"',), "第3条"), (("-",), ('"blue"',), "")]
LEVEL = table(ROWS, inputs=("x",))
LEVEL_OF = knowledge("level_of", table(ROWS, inputs=("m",)), "m:number")


def ask(logic: str, *others: str, requires: tuple[str, ...] = (), **inputs: object) -> Outcome:
    xml = document(*others, decision("d", logic, *requires))
    return read(xml).decision("d").decide(inputs)


def box(kind: str, **parts: str) -> str:
    body = "".join(f"<{tag}>{literal(text)}</{tag}>" for tag, text in parts.items())
    variable = "" if kind in {"conditional", "filter"} else ' iteratorVariable="n"'
    return f"<{kind}{variable}>{body}</{kind}>"


IF = {"then": '"yes"', "else": '"no"'}
CASES = {
    "context": (
        context(("half", literal("x / 2")), result=literal("half + 1")),
        "d: 7. Worked out from half = 6.",
        "d：7。由 half = 6 得出。",
    ),
    "conditional": (
        box("conditional", **{"if": "x > 1"}, **IF),
        "d: yes. The condition x > 1 is true, so that its first branch holds.",
        "d：yes。条件 x > 1 为 true，取前一分支。",
    ),
    "otherwise": (
        box("conditional", **{"if": "x < 1"}, **IF),
        "d: no. The condition x < 1 is false, so that its other branch holds.",
        "d：no。条件 x < 1 为 false，取后一分支。",
    ),
    "filter": (
        box("filter", **{"in": "[1, 2, 30]"}, match="item < x"),
        "d: [1, 2]. 2 of 3 items meet item < x.",
        "d：[1, 2]。3 项中有 2 项符合 item < x。",
    ),
    "for": (
        box("for", **{"in": "[1, 2]", "return": "n * x"}),
        "d: [12, 24]. n * x, worked out for each of 2 items.",
        "d：[12, 24]。对 2 项逐一计算 n * x。",
    ),
    "some": (
        box("some", **{"in": "[1, 20]"}, satisfies="n > x"),
        "d: true. 1 of 2 items meet n > x, and one would do.",
        "d：true。2 项中有 1 项符合 n > x，有一项即可。",
    ),
    "every": (
        box("every", **{"in": "[1, 20]"}, satisfies="n > x"),
        "d: false. 1 of 2 items meet n > x, and all must.",
        "d：false。2 项中有 1 项符合 n > x，须全部符合。",
    ),
    "list": (
        f"<list>{literal('x')}</list>",
        "d: [12]. Items of the list: 1.",
        "d：[12]。列表的项数：1。",
    ),
    "relation": (
        f"<relation><column name='m'/><row>{literal('x')}</row></relation>",
        "d: [m = 12]. Rows of the table: 1.",
        "d：[m = 12]。表的行数：1。",
    ),
    "function": (function(literal("n"), "n"), "d: a function of (n).", "d：以 (n) 为参数的函数。"),
    "nothing": (
        "",
        "d: no value, because its logic has not been written yet.",
        "d：没有结论，因为其逻辑尚未编写。",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_box_says_how_it_came_to_its_value(name: str) -> None:
    logic, english, chinese = CASES[name]
    outcome = ask(logic, x=12)

    assert explain(outcome, "en") == english
    assert explain(outcome, "zh-CN") == chinese


def test_an_invocation_says_what_it_called_with_what_and_why_that_gave_its_answer() -> None:
    outcome = ask(invocation("level_of", m="x"), LEVEL_OF, requires=("knowledge:level_of",), x=12)

    assert explain(outcome, "en", {"red": "Red"}) == (
        "d: Red. By level_of, given m = 12. level_of: Red. Rule 1 hit: m 12 meets >= 10. By: 第3条."
    )
    assert explain(outcome, "zh-CN", {"red": "红色", "m": "水位"}) == (
        "d：红色。由 level_of 得出，给定 水位 = 12。"
        "level_of：红色。命中第 1 条：水位为 12，符合 >= 10。依据：第3条。"
    )


def test_a_call_with_an_argument_of_another_type_names_it() -> None:
    outcome = ask(literal('level_of("12")'), LEVEL_OF, requires=("knowledge:level_of",))

    assert explain(outcome, "en").endswith(
        "level_of: no value, because its argument m is 12, which is not of the type number."
    )
    assert "参数 m 为 12，不是 number 类型" in explain(outcome, "zh-CN")


def test_a_table_within_a_context_tells_its_row() -> None:
    outcome = ask(context(("level", LEVEL)), x=12)

    assert explain(outcome, "en") == (
        "d: level = red. level: red. Rule 1 hit: x 12 meets >= 10. By: 第3条."
    )


def test_an_expression_tells_the_inputs_it_used() -> None:
    xml = document(decision("d", literal("x + y"), "input:x", "input:y"), inputs=["x", "y"])
    outcome = read(xml).decision("d").decide({"x": 1, "y": 2})

    assert explain(outcome, "en") == "d: 3. From x = 1, y = 2."
    assert explain(outcome, "zh-CN", {"x": "甲"}) == "d：3。依据的输入：甲 = 1；y = 2。"


def test_the_decisions_before_it_are_told_first_where_the_whole_is_asked_for() -> None:
    outcome = ask(
        literal("if level = 'red' then 1 else 0".replace("'", '"')),
        decision("level", LEVEL),
        requires=("decision:level",),
        x=12,
    )

    assert explain(outcome, "en") == "d: 1. From level = red."
    assert explain(outcome, "en", whole=True) == (
        "level: red. Rule 1 hit: x 12 meets >= 10. By: 第3条. d: 1. From level = red."
    )


@pytest.mark.parametrize("policy", sorted({*HIT_POLICIES} - {"UNIQUE", "FIRST", "ANY"}))
def test_where_several_rows_hit_the_policy_says_what_counts(policy: str) -> None:
    values = ['"red","blue"']
    outcome = ask(table(ROWS, inputs=("x",), policy=policy, values=values), x=12)

    said = {
        "PRIORITY": ("the one of highest priority counts", "取其中优先级最高的答案"),
        "RULE ORDER": ("in the order of the rules", "按规则次序"),
        "OUTPUT ORDER": ("in the order of priority", "按优先级次序"),
        "COLLECT": ("All of their answers are listed", "列出各条答案"),
    }[policy]
    assert said[0] in explain(outcome, "en")
    assert said[1] in explain(outcome, "zh-CN")


@pytest.mark.parametrize("aggregation", ["SUM", "MIN", "MAX", "COUNT"])
def test_an_aggregation_is_told_in_words(aggregation: str) -> None:
    rows: list[Row] = [(("-",), ("1",), ""), (("-",), ("2",), "")]
    logic = table(rows, inputs=("x",), policy="COLLECT", aggregation=aggregation)

    for language in ("en", "zh-CN"):
        assert "dmn.explain" not in explain(ask(logic, x=1), language)


def test_contradictions_and_values_that_are_not_allowed_are_told_with_their_place() -> None:
    values = ['"red","green"']
    any_of = ask(table(ROWS, inputs=("x",), policy="ANY"), x=12)
    outside = ask(table(ROWS, inputs=("x",), allowed="[0..5]"), x=12)
    strange = ask(table(ROWS, inputs=("x",), values=values), x=1)

    assert "the rules 1, 2 hit at once and give different answers" in explain(any_of, "en")
    assert "x is 12, which is not among the values this column allows" in explain(outside, "en")
    assert "a rule answers level with blue" in explain(strange, "en")
    assert "答案不同" in explain(any_of, "zh-CN")
    assert "不在该列允许的取值之内" in explain(outside, "zh-CN")


def test_an_input_of_another_type_is_told_beside_the_value() -> None:
    xml = document(decision("d", literal("x = null"), "input:x"), inputs=["x:number"])
    outcome = read(xml).decision("d").decide({"x": "deep"})

    assert explain(outcome, "en") == (
        "d: true. x: no value, because deep is not of the type number. From x = no value."
    )


def test_a_service_names_its_decisions() -> None:
    xml = document(
        decision("d", literal("x"), "input:x"), service("s", ["d"], ["input:x"]), inputs=["x"]
    )

    outcome = read(xml).service("s").decide({"x": 1})

    assert explain(outcome, "zh-CN", {"d": "等级"}) == "s：1。决策服务给出 等级。"


def test_the_rows_behind_an_expression_are_found_in_what_it_required_and_called() -> None:
    outcome = ask(
        literal("[level, level_of(x)]"),
        decision("level", LEVEL),
        LEVEL_OF,
        requires=("decision:level", "knowledge:level_of"),
        x=12,
    )

    assert outcome.hits == ()
    assert [hit.annotation for hit in outcome.all_hits()] == ["第3条", "第3条"]


def test_a_function_of_a_box_leaves_its_reasons_too() -> None:
    own = context(("f", function(table(ROWS, inputs=("m",)), "m")), result=literal("f(x)"))

    outcome = ask(own, x=12)

    assert outcome.value == "red"
    assert [hit.annotation for hit in outcome.all_hits()] == ["第3条"]
