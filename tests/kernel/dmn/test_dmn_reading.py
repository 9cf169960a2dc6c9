"""Decision files from outside: what is read, in which order it is worked out, what is refused."""

import pytest
from tests.kernel.dmn.sample import decision, document, literal, signal, table

from guantong.dmn.api import (
    NO_LOGIC,
    DmnNoDecision,
    DmnReference,
    DmnUnreadable,
    DmnUnsupported,
    read,
)
from guantong.dmn.document import MAX_BYTES, NAMESPACES


@pytest.mark.parametrize("namespace", NAMESPACES, ids=NAMESPACES.get)
def test_files_of_every_version_are_read(namespace: str) -> None:
    model = read(document(decision("a", literal("1 + 1")), namespace=namespace))

    assert model.decision("a").decide({}).value == 2


def test_a_decision_is_found_by_id_or_name_and_a_wrong_name_lists_the_right_ones() -> None:
    model = read(signal())

    assert model.decision("id_signal") is model.decision("signal")
    with pytest.raises(DmnNoDecision, match="It has: signal") as refusal:
        model.decision("signals")
    assert "现有：signal" in refusal.value.sentence("zh-CN")


def test_required_decisions_are_worked_out_first_whatever_their_order_in_the_file() -> None:
    xml = document(
        decision("c", literal("a + b"), "decision:a", "decision:b"),
        decision("b", literal("a * 10"), "decision:a"),
        decision("a", literal("x + 1"), "input:x"),
        inputs=["x"],
    )

    asked = read(xml).decision("c")

    assert [each.name for each in asked.before] == ["a", "b"]
    assert asked.inputs == ("x",)
    assert asked.decide({"x": 1}).value == 22


def test_a_table_may_read_the_result_of_another() -> None:
    force = table([((">= 32.7",), ("12",), "")], inputs=["wind_ms"], outputs=["force"])
    level = table([((">= 12",), ('"red"',), "")], inputs=["force"])
    xml = document(
        decision("force", force, "input:wind_ms"),
        decision("level", level, "decision:force"),
        inputs=["wind_ms"],
    )

    assert read(xml).decision("level").decide({"wind_ms": 33}).value == "red"


def test_names_with_spaces_are_known_in_every_text_of_the_file() -> None:
    xml = document(
        decision("pay", literal("12 * Monthly Salary"), "input:Monthly Salary"),
    ).replace(
        b"<decision", b'<inputData id="id_Monthly Salary" name="Monthly Salary"/><decision', 1
    )

    assert read(xml).decision("pay").decide({"Monthly Salary": 100}).value == 1200


def test_a_business_knowledge_model_is_called_like_a_function() -> None:
    knowledge = (
        '<businessKnowledgeModel id="id_double" name="double"><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal("n * 2")}'
        "</encapsulatedLogic></businessKnowledgeModel>"
    )
    xml = document(
        knowledge, decision("a", literal("double(x) + double(n: 1)"), "knowledge:double")
    )

    assert read(xml).decision("a").decide({"x": 5}).value == 12


def test_a_hit_policy_that_no_standard_knows_is_refused_by_name() -> None:
    with pytest.raises(DmnUnsupported, match='hitPolicy="NONSENSE" is not carried out') as refusal:
        read(signal(policy="NONSENSE"))
    assert "DMN 决策表" in refusal.value.sentence("zh-CN")


@pytest.mark.parametrize("kind", ["Java", "PMML"])
def test_functions_that_are_not_written_in_feel_are_refused_by_name(kind: str) -> None:
    logic = f'<functionDefinition kind="{kind}"><context/></functionDefinition>'

    with pytest.raises(DmnUnsupported, match=f'kind="{kind}"'):
        read(document(decision("a", logic)))


def test_a_decision_that_nobody_has_written_yet_is_null_and_says_so() -> None:
    outcome = read(document(decision("a", ""))).decision("a").decide({})

    assert outcome.value is None
    assert outcome.fault is not None
    assert outcome.fault.code == NO_LOGIC


def test_another_expression_language_is_refused() -> None:
    logic = (
        literal("1")
        .replace("<lit", "<lit", 1)
        .replace("<literalExpression", '<literalExpression expressionLanguage="urn:javascript"')
    )

    with pytest.raises(DmnUnsupported, match="urn:javascript"):
        read(document(decision("a", logic)))


@pytest.mark.parametrize(
    "parts",
    [
        (decision("a", literal("1"), "decision:b"),),
        (decision("a", literal("1"), "decision:a"),),
        (decision("a", literal("b"), "decision:b"), decision("b", literal("a"), "decision:a")),
    ],
    ids=["missing", "itself", "circle"],
)
def test_a_requirement_that_leads_nowhere_or_back_is_refused(parts: tuple[str, ...]) -> None:
    with pytest.raises(DmnReference, match="Correct the requirement"):
        read(document(*parts))


def test_a_chain_of_decisions_may_be_long_but_not_endless() -> None:
    chain = [decision("d0", literal("1"))]
    chain += [decision(f"d{n}", literal("1"), f"decision:d{n - 1}") for n in range(1, 300)]

    with pytest.raises(DmnReference):
        read(document(*reversed(chain)))


BOMB = b'<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
FILE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("declaration", [BOMB, FILE, b'<!DOCTYPE d SYSTEM "http://127.0.0.1/x">'])
def test_a_file_with_a_document_type_is_refused(declaration: bytes) -> None:
    with pytest.raises(DmnUnreadable, match="Take the DOCTYPE away"):
        read(declaration + signal())


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (b"", "not well-formed XML"),
        (b"not xml", "line 1, column 1"),
        (b"<definitions>", "Export it again"),
        (b"<definitions/>", "Export it as DMN"),
        (b"<html/>", "'html'"),
        (b"\x00\xff" * 100, "not well-formed XML"),
        (signal().replace(b"</definitions>", b""), "not well-formed XML"),
        (b" " * (MAX_BYTES + 1), "Split it into several files"),
        (b"<a>" * 5000, "not well-formed XML"),
    ],
)
def test_what_is_no_decision_file_is_refused_with_a_sentence(xml: bytes, said: str) -> None:
    with pytest.raises(DmnUnreadable) as refusal:
        read(xml)

    assert said in refusal.value.sentence("en")
    assert refusal.value.sentence("zh-CN").startswith("决策文件被拒绝：")


def test_two_elements_with_one_id_and_a_row_of_wrong_width_are_refused() -> None:
    with pytest.raises(DmnUnreadable, match="occurs twice"):
        read(document(decision("a", literal("1")), decision("a", literal("2"))))
    with pytest.raises(DmnUnreadable, match="rule 1 of the table 'signal'"):
        read(signal(rows=[(("-",), ('"x"',), "")]))
