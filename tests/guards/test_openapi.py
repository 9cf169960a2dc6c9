"""The committed description of the interface is the one that the operations give."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tools import openapi

from guantong.portal.api_v1 import interface


def test_the_committed_description_is_that_of_the_operations() -> None:
    assert openapi.PAGE.read_text("utf-8") == openapi.HEAD + interface.description_text(), (
        "run python tools/openapi.py"
    )


def test_an_operation_that_changed_makes_the_description_stale(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stale = tmp_path / "openapi.yaml"
    stale.write_text(openapi.PAGE.read_text("utf-8").replace("act_on_task", "other"), "utf-8")
    monkeypatch.setattr(openapi, "PAGE", stale)

    assert openapi.PAGE.read_text("utf-8") != openapi.HEAD + interface.description_text()


def test_every_example_fits_its_own_schema() -> None:
    told = interface.description()
    wrong = []

    def look(schema: object, where: str) -> None:
        if isinstance(schema, list):
            for inner in schema:
                look(inner, where)
        if not isinstance(schema, dict):
            return
        for example in (
            schema.get("examples", []) if isinstance(schema.get("examples"), list) else []
        ):
            rules = {k: v for k, v in schema.items() if k != "examples"}
            whole = {**rules, "components": told["components"]}
            wrong.extend(
                f"{where}: {e.message}" for e in Draft202012Validator(whole).iter_errors(example)
            )
        for name, inner in schema.items():
            look(inner, f"{where}/{name}")

    look({k: v for k, v in told.items() if k in ("paths", "components")}, "")

    assert wrong == []
