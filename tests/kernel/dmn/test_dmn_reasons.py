"""Why a decision came out as it did, and what is wrong with a table before it runs."""

from tests.kernel.dmn.sample import SIGNAL_ROWS, decision, document, literal, signal

from guantong.dmn.api import Finding, examine, explain, read

LABELS = {
    "id_signal": "台风预警信号",
    "in_wind_ms": "平均风速",
    "in_hours": "小时数",
    "red": "红色",
}


def why(language: str, labels: dict[str, str], **inputs: object) -> str:
    return explain(read(signal()).decision("signal").decide(inputs), language, labels)


def findings(xml: bytes, name: str = "signal") -> list[tuple[str, int, str]]:
    return [(f.code, f.rule, f.column) for f in examine(read(xml).decision(name).logic)]


def test_the_reason_is_a_sentence_in_the_words_of_the_application() -> None:
    assert why("zh-CN", LABELS, wind_ms=33.1, hours=5) == (
        "台风预警信号：红色。命中第 1 条：平均风速为 33.1，符合 >= 32.7；小时数为 5，符合 <= 6。"
        "依据：中国气象局令第16号：红色。"
    )


def test_the_reason_is_complete_in_english_without_any_labels() -> None:
    assert why("en", {}, wind_ms=33.1, hours=5) == (
        "signal: red. Rule 1 hit: wind_ms 33.1 meets >= 32.7, hours 5 meets <= 6. "
        "By: 中国气象局令第16号：红色."
    )


def test_the_annotation_is_said_in_the_language_asked_for_when_a_label_gives_it() -> None:
    said = why("en", {"rule_1": "CMA order no. 16, red"}, wind_ms=33.1, hours=5)

    assert said.endswith("By: CMA order no. 16, red.")


def test_the_last_row_is_explained_as_every_other_case() -> None:
    assert why("zh-CN", {}, wind_ms=1) == "signal：none。命中第 3 条，即其余情况。"


def test_no_hit_and_two_hits_are_said_plainly() -> None:
    nothing = read(signal(rows=SIGNAL_ROWS[:1])).decision("signal").decide({"wind_ms": 1})
    rows = [(("> 1", "-"), ('"a"',), ""), (("> 2", "-"), ('"b"',), "")]
    both = read(signal(rows=rows, policy="UNIQUE")).decision("signal").decide({"wind_ms": 3})

    assert explain(nothing, "en") == "signal: no value. No rule hit."
    assert explain(both, "zh-CN").startswith("signal：没有结论，因为第 1, 2 条同时命中")


def test_an_expression_is_explained_by_its_value() -> None:
    outcome = read(document(decision("a", literal("{x: 1, y: true}")))).decision("a").decide({})

    assert explain(outcome, "en", {"x": "steps"}) == "a: steps = 1, y = true."


def test_a_sound_table_has_no_finding() -> None:
    assert findings(signal()) == []


def test_a_row_below_a_row_of_dashes_is_never_reached() -> None:
    rows = [SIGNAL_ROWS[2], SIGNAL_ROWS[0], SIGNAL_ROWS[1]]

    assert findings(signal(rows=rows)) == [("unreachable", 2, ""), ("unreachable", 3, "")]


def test_a_row_that_repeats_another_is_never_reached_or_overlaps() -> None:
    rows = [SIGNAL_ROWS[0], SIGNAL_ROWS[0]]

    assert findings(signal(rows=rows, default="1")) == [("unreachable", 2, "")]
    assert findings(signal(rows=rows, default="1", policy="UNIQUE")) == [("overlap", 2, "")]


def test_under_unique_a_row_of_dashes_overlaps_with_every_other() -> None:
    rows = [SIGNAL_ROWS[0], SIGNAL_ROWS[2]]

    assert findings(signal(rows=rows, policy="UNIQUE")) == [("overlap", 1, "")]


def test_a_table_without_a_last_row_or_default_may_have_a_gap() -> None:
    (finding,) = examine(read(signal(rows=SIGNAL_ROWS[:2])).decision("signal").logic)

    assert (finding.code, finding.grave) == ("gap", False)
    assert "Add a last rule of - cells" in finding.sentence("en")
    assert findings(signal(rows=SIGNAL_ROWS[:2], default='"none"')) == []


def test_names_that_the_decision_does_not_require_are_found_with_rule_and_column() -> None:
    rows = [((">= limit_ms", "-"), ("levle",), ""), SIGNAL_ROWS[2]]
    found = examine(read(signal(rows=rows)).decision("signal").logic)

    unknown = [each for each in found if each.code == "unknown-name"]
    assert [(f.code, f.rule, f.column) for f in unknown] == [
        ("unknown-name", 1, "wind_ms"),
        ("unknown-name", 1, "level"),
    ]
    assert "'limit_ms' is not among what the decision requires (hours, wind_ms)" in str(
        unknown[0].sentence("en")
    )


def test_in_a_file_without_input_data_the_columns_declare_the_names() -> None:
    xml = signal().replace(b"inputData", b"textAnnotation").replace(b"informationReq", b"x")

    assert findings(xml) == []


def test_every_unreadable_cell_is_found_and_not_only_the_first() -> None:
    rows = [((">= ", "-"), ('"red"',), ""), (("-", "[1..2"), ("red light",), ""), SIGNAL_ROWS[2]]

    assert findings(signal(rows=rows)) == [
        ("unreadable", 1, "wind_ms"),
        ("unreadable", 2, "hours"),
        ("unreadable", 2, "level"),
    ]


def test_an_expression_is_examined_like_a_table() -> None:
    unreadable = document(decision("a", literal("1 +")))
    unknown = document(decision("a", literal("x + 1")))

    assert findings(unreadable, "a") == [("unreadable", 0, "a")]
    assert findings(unknown, "a") == [("unknown-name", 0, "a")]


def test_every_finding_has_its_sentence_in_both_languages() -> None:
    for code in ("unreadable", "unknown-name", "unreachable", "overlap", "gap"):
        facts = {"name": "x", "known": "y", "other": 1}
        finding = Finding(code, "signal", 1, "wind_ms", grave=True, facts=facts)

        assert not finding.sentence("en").startswith("dmn.finding")
        assert "signal" in finding.sentence("zh-CN")
