"""Logic drawn in boxes: each kind gives its value, keeps its parts, and may hold any other kind."""

from decimal import Decimal

import pytest
from tests.kernel.dmn.sample import (
    context,
    decision,
    document,
    function,
    invocation,
    knowledge,
    literal,
    table,
)

from guantong.dmn.api import (
    ARGUMENTS,
    NO_FUNCTION,
    NOT_BOOLEAN,
    DmnFaulty,
    DmnUnreadable,
    Outcome,
    examine,
    read,
)
from guantong.feel.api import FeelTooMuch, Function, Value


def ask(logic: str, *others: str, requires: tuple[str, ...] = (), **inputs: object) -> Outcome:
    xml = document(*others, decision("d", logic, *requires))
    return read(xml).decision("d").decide(inputs)


def value(logic: str, **inputs: object) -> Value:
    return ask(logic, **inputs).value


def fault(outcome: Outcome) -> str:
    assert outcome.fault is not None
    assert outcome.value is None
    return outcome.fault.code


def iteration(kind: str, source: str, body: str) -> str:
    tag = "return" if kind == "for" else "satisfies"
    return (
        f'<{kind} iteratorVariable="n"><in>{literal(source)}</in>'
        f"<{tag}>{literal(body)}</{tag}></{kind}>"
    )


def filtered(source: str, match: str) -> str:
    return f"<filter><in>{literal(source)}</in><match>{literal(match)}</match></filter>"


def conditional(condition: str, yes: str = '"yes"', no: str = '"no"') -> str:
    parts = zip(("if", "then", "else"), (condition, yes, no), strict=True)
    body = "".join(f"<{tag}>{literal(text)}</{tag}>" for tag, text in parts)
    return f"<conditional>{body}</conditional>"


def test_an_entry_of_a_context_reads_those_before_it_and_the_inputs() -> None:
    logic = context(("double", literal("x * 2")), ("more", literal("double + 1")))

    assert value(logic, x=5) == {"double": 10, "more": 11}


def test_the_result_cell_is_the_value_of_a_context() -> None:
    logic = context(("half", literal("x / 2")), result=literal("half * half"))

    assert value(logic, x=6) == 9


def test_a_table_within_a_context_keeps_its_reasons() -> None:
    rows = [((">= 10",), ('"red"',), "article 3")]
    logic = context(("level", table(rows, inputs=("x",))), result=literal("level"))

    outcome = ask(logic, x=12)

    assert outcome.value == "red"
    assert [part.kind for part in outcome.parts] == ["table", "expression"]
    assert outcome.parts[0].hits[0].annotation == "article 3"
    assert outcome.parts[0].name == "level"


def test_a_function_of_a_context_is_called_by_the_entries_below_it() -> None:
    logic = context(("scale", function(literal("n * factor"), "n")), ("factor", literal("100")))
    assert isinstance(value(logic)["scale"], Function)

    used = context(
        ("factor", literal("3")),
        ("scale", function(literal("n * factor"), "n")),
        result=literal("scale(2) + scale(n: 1)"),
    )
    assert value(used) == 9


def test_a_function_may_call_itself_and_is_stopped_when_it_does_not_end() -> None:
    body = literal("if n = 0 then 1 else n * factorial(n - 1)")
    logic = context(("factorial", function(body, "n")), result=literal("factorial(5)"))
    endless = context(("f", function(literal("f(n)"), "n")), result=literal("f(1)"))

    assert value(logic) == 120
    with pytest.raises(FeelTooMuch):
        value(endless)


def test_an_invocation_binds_by_name_in_any_order() -> None:
    minus = knowledge("minus", literal("a - b"), "a", "b")

    outcome = ask(invocation("minus", b="x", a="10"), minus, requires=("knowledge:minus",), x=3)

    assert outcome.value == 7
    assert outcome.facts["given"] == {"b": Decimal(3), "a": Decimal(10)}


@pytest.mark.parametrize(
    "bindings", [{"a": "1"}, {"a": "1", "b": "2", "c": "3"}, {"a": "1", "x": "2"}]
)
def test_an_invocation_that_binds_other_parameters_is_null_and_says_so(
    bindings: dict[str, str],
) -> None:
    minus = knowledge("minus", literal("a - b"), "a", "b")

    outcome = ask(invocation("minus", **bindings), minus, requires=("knowledge:minus",))

    assert fault(outcome) == ARGUMENTS


def test_what_is_no_function_cannot_be_invoked() -> None:
    assert fault(ask(invocation("x", a="1"), x=5)) == NO_FUNCTION


def test_a_built_in_function_is_a_function_like_any_other() -> None:
    assert value(invocation("substring", **{"string": '"abc"', "start position": "2"})) == "bc"


def test_what_knowledge_gave_is_kept_with_its_reasons() -> None:
    rows = [((">= 10",), ('"red"',), "article 3")]
    level = knowledge("level_of", table(rows, inputs=("m",)), "m")

    outcome = ask(literal('level_of(x) + "!"'), level, requires=("knowledge:level_of",), x=12)

    assert outcome.value == "red!"
    (called,) = outcome.parts
    assert (called.name, called.value, called.hits[0].annotation) == (
        "level_of",
        "red",
        "article 3",
    )


def test_knowledge_may_call_itself() -> None:
    body = literal("if n = 0 then 0 else n + total(n - 1)")

    outcome = ask(literal("total(4)"), knowledge("total", body, "n"), requires=("knowledge:total",))

    assert outcome.value == 10


def test_a_relation_is_a_list_of_rows() -> None:
    columns = '<column name="name"/><column name="m"/>'
    rows = "".join(
        f"<row>{literal(name)}{literal(m)}</row>" for name, m in (('"A"', "1"), ('"B"', "x"))
    )

    outcome = ask(f"<relation>{columns}{rows}</relation>", x=2)

    assert outcome.value == [{"name": "A", "m": 1}, {"name": "B", "m": 2}]
    with pytest.raises(DmnUnreadable, match="not as many entries"):
        ask(f"<relation>{columns}<row>{literal('1')}</row></relation>")


def test_a_list_holds_any_logic() -> None:
    logic = f"<list>{literal('x')}{context(('a', literal('1')))}<list/></list>"

    assert value(logic, x=1) == [1, {"a": 1}, []]


@pytest.mark.parametrize(
    ("condition", "expected"), [("true", "yes"), ("false", "no"), ("null", "no"), ("x > 1", "yes")]
)
def test_a_conditional_takes_one_branch(condition: str, expected: str) -> None:
    assert value(conditional(condition), x=2) == expected


def test_only_the_branch_that_is_taken_is_worked_out() -> None:
    endless = context(("f", function(literal("f(n)"), "n")), result=literal("f(1)"))
    logic = (
        f"<conditional><if>{literal('x = 1')}</if><then>{literal('0')}</then>"
        f"<else>{endless}</else></conditional>"
    )

    assert value(logic, x=1) == 0


def test_a_condition_that_is_no_truth_is_a_fault() -> None:
    assert fault(ask(conditional('"true"'))) == NOT_BOOLEAN


@pytest.mark.parametrize(
    ("source", "match", "expected"),
    [
        ("[1, 2, 3]", "item > 1", [2, 3]),
        ("[{m: 1}, {m: 2}]", "m = 2", [{"m": 2}]),
        ("[{m: 1}, {m: 2}]", "item.m < x", [{"m": 1}]),
        ("5", "item > 1", [5]),
        ("null", "true", []),
        ('[1, "a", null]', "item > 0", [1]),
        ("[7, 8, 9]", "2", 8),
        ("[7, 8, 9]", "-1", 9),
        ("[7, 8, 9]", "4", None),
    ],
)
def test_a_filter_keeps_what_matches(source: str, match: str, expected: object) -> None:
    assert value(filtered(source, match), x=2) == expected


def test_a_match_that_is_no_truth_is_a_fault() -> None:
    assert fault(ask(filtered("[1, 2]", '"yes"'))) == NOT_BOOLEAN


@pytest.mark.parametrize(
    ("source", "body", "expected"),
    [
        ("[1, 2]", "n * x", [10, 20]),
        ("[]", "n", []),
        ("3", "n", [3]),
        ("[1, 2, 3]", "n + count(partial)", [1, 3, 5]),
    ],
)
def test_for_gives_a_value_for_each_item(source: str, body: str, expected: object) -> None:
    assert value(iteration("for", source, body), x=10) == expected


@pytest.mark.parametrize(
    ("source", "some", "every"),
    [
        ("[]", False, True),
        ("[1, 2]", False, False),
        ("[4, 1]", True, False),
        ("[4, 5]", True, True),
        ('[4, "a"]', True, None),
        ('[1, "a"]', None, False),
    ],
)
def test_some_and_every_know_true_false_and_unknown(
    source: str, some: object, every: object
) -> None:
    assert value(iteration("some", source, "n > 3")) is some
    assert value(iteration("every", source, "n > 3")) is every


def test_what_is_satisfied_must_be_a_truth() -> None:
    assert fault(ask(iteration("every", "[1, 2]", '"yes"'))) == NOT_BOOLEAN


@pytest.mark.parametrize("kind", ["for", "some", "every"])
def test_too_many_items_are_not_gone_through(kind: str) -> None:
    numbers = "[" + ", ".join(["1"] * 700) + "]"
    inner = iteration(kind, numbers, "n = 2")
    logic = f'<for iteratorVariable="m"><in>{literal(numbers)}</in><return>{inner}</return></for>'

    with pytest.raises(FeelTooMuch):
        value(logic)


def test_a_text_that_is_no_feel_is_told_when_its_box_is_asked() -> None:
    logic = context(("a", literal("1 +")))

    with pytest.raises(DmnFaulty, match="because 'a' cannot be read"):
        value(logic)


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("<invocation/>", None),
        ("<context><contextEntry><variable name='a'/></contextEntry></context>", {"a": None}),
        (context(("f", "<functionDefinition/>"), result=literal("f()")), None),
    ],
)
def test_a_box_that_nobody_has_written_yet_is_null_and_found_by_the_doctor(
    logic: str, expected: object
) -> None:
    found = examine(read(document(decision("d", logic))).decision("d").logic)

    assert value(logic) == expected
    assert [each.code for each in found if each.grave] == ["unwritten"]
    assert "was drawn and not written yet" in found[0].sentence()
    assert "尚未编写" in found[0].sentence("zh-CN")


@pytest.mark.parametrize(
    "logic",
    [
        "<conditional/>",
        "<filter/>",
        '<for iteratorVariable="n"/>',
        "<some/>",
    ],
)
def test_a_box_without_its_parts_is_refused_with_its_place(logic: str) -> None:
    with pytest.raises(DmnUnreadable, match="Complete it in the editor") as refusal:
        value(logic)
    assert "请在编辑器中补全" in refusal.value.sentence("zh-CN")


@pytest.mark.parametrize(
    "logic",
    [
        context(("a", literal("1")), ("a", literal("2"))),
        function(literal("1"), "a", "a"),
        table([(("-",), ("1", "2"), "")], inputs=("x",), outputs=("o", "o")),
    ],
)
def test_one_name_for_two_parts_is_refused(logic: str) -> None:
    with pytest.raises(DmnUnreadable, match="Give each part a name of its own"):
        value(logic)
