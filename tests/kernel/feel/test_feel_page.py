"""The page about FEEL says what is so: each of its lines is run, and it leaves no function out."""

import re
from pathlib import Path

import pytest

from guantong.feel.api import parse, parse_unary_tests, text_of
from guantong.feel.functions import BUILT_INS

PAGE = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def examples(kind: str) -> list[tuple[str, ...]]:
    lines = "\n".join(blocks(kind)).splitlines()
    return [tuple(line.split(" ⇒ ")) for line in lines if " ⇒ " in line]


CONTEXT = parse(blocks("feel-context")[0]).evaluate({})


@pytest.mark.parametrize(("asked", "answer"), examples("feel"))
def test_an_expression_of_the_page_answers_what_stands_behind_it(asked: str, answer: str) -> None:
    value, expected = parse(asked).evaluate(CONTEXT), parse(answer).evaluate({})

    assert value == expected, text_of(value)
    assert type(value) is type(expected)


@pytest.mark.parametrize(("asked", "answer"), examples("feel-cells"))
def test_a_cell_of_the_page_answers_what_stands_behind_it(asked: str, answer: str) -> None:
    value, _, cell = asked.partition(" | ")

    tests = parse_unary_tests(cell)

    assert tests.matches(parse(value).evaluate({}), CONTEXT) is parse(answer).evaluate({})


def test_every_built_in_function_has_a_row_with_its_parameters_and_an_example() -> None:
    rows = "\n".join(line for line in PAGE.splitlines() if line.startswith("| `"))
    longest_first = sorted(BUILT_INS, key=len, reverse=True)
    called = re.findall(rf"\b({'|'.join(longest_first)})\(", "\n".join(blocks("feel")))

    assert [name for name in BUILT_INS if f"`{name}(" not in rows] == []
    assert BUILT_INS.keys() - set(called) == set()
    for name, built_in in BUILT_INS.items():
        described = re.findall(rf"`{re.escape(name)}\((.*?)\)`", rows)
        assert ", ".join(built_in.forms[-1].parameters) in described or any(
            ", ".join(form.parameters) in described for form in built_in.forms
        ), name
