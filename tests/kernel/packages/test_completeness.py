"""What must agree in several places: kinds and schemas, questions and pages, codes and words."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from guantong.base.words import catalogue
from guantong.flows.api import DATASETS
from guantong.packages import doctor
from guantong.packages.api import KERNEL_DATASETS
from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.doctor.questions.maturity import RUNGS
from guantong.packages.kinds.kind import validator
from guantong.packages.kinds.known import KINDS

DOCS = Path(__file__).parents[3] / "docs" / "kernel"
DOCTOR = Path(str(doctor.__file__)).parent


def headings(page: str) -> list[str]:
    return re.findall(r"^## (\S+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE)


def codes() -> Iterator[tuple[str, str]]:
    """Yield question and code of every finding that is written in the source as a constant."""
    for path in sorted((DOCTOR / "questions").glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr in ("error", "warning")
                and isinstance(call.args[1], ast.Constant)
            ):
                yield path.stem, str(call.args[1].value)


def test_every_kind_is_in_the_list_of_pages_in_the_order_of_the_kernel() -> None:
    listed = (DOCS.parent / "packages" / "README.md").read_text("utf-8")

    assert re.findall(r"^\| \[(\w+)\]\(\1\.md\)", listed, re.MULTILINE) == [k.name for k in KINDS]


def test_every_question_has_its_heading_on_the_page_of_the_doctor() -> None:
    assert headings("doctor.md") == list(QUESTIONS)


def test_the_page_of_the_doctor_asks_as_the_modules_ask() -> None:
    page = " ".join((DOCS / "doctor.md").read_text("utf-8").split())

    for name in QUESTIONS:
        module = importlib.import_module(f"guantong.packages.doctor.questions.{name}")
        question = " ".join(str(module.__doc__).split("\n\n")[0].split())
        assert f"*{question}*" in page
        assert question.endswith("?")


def test_every_module_among_the_questions_is_asked() -> None:
    modules = {path.stem for path in (DOCTOR / "questions").glob("*.py")} - {"__init__"}

    assert modules == set(QUESTIONS)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_code_of_a_finding_has_its_sentence(language: str) -> None:
    found = set(codes())

    missing = [f"doctor.{q}.{c}" for q, c in found if f"doctor.{q}.{c}" not in catalogue(language)]

    assert len(found) > 80
    assert missing == []


@pytest.mark.parametrize("schema", sorted({kind.schema for kind in KINDS if kind.schema}))
def test_every_schema_is_valid_and_closed(schema: str) -> None:
    document = validator(schema).schema

    Draft202012Validator.check_schema(document)
    assert list(_open_objects(document)) == []


def _open_objects(schema: object) -> Iterator[object]:
    """Yield the parts that describe an object's keys and let others pass."""
    if isinstance(schema, dict):
        # The conditions under ``if`` only recognise; ``allOf`` of a kind closes in its branches.
        keys = schema.keys()
        describes = "properties" in keys and schema.get("type") == "object"
        if describes and "allOf" not in keys and schema.get("additionalProperties") is not False:
            yield schema
        for value in schema.values():
            yield from _open_objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _open_objects(value)


def test_the_rungs_of_maturity_are_those_of_the_schema() -> None:
    schema = validator("maturity").schema
    assert isinstance(schema, dict)

    assert schema["properties"]["rung"]["enum"] == list(RUNGS)
    known = [rule for rules in RUNGS.values() for rule in rules]
    assert list(schema["properties"]["rules"]["properties"]) == known


@pytest.mark.parametrize("name", sorted(DATASETS))
def test_the_doctor_knows_the_columns_that_flows_promises(name: str) -> None:
    select = DATASETS[name].split(" from flows_")[0].removeprefix("\n").strip()

    answered = [
        column.split(" as ")[-1].strip()
        for column in re.sub(r"\([^)]*\)", "", select.removeprefix("select")).split(",")
    ]

    assert answered == list(KERNEL_DATASETS[name])
