"""``guantong apps vmodel``: the models of a package in words and as JSON, without any store."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.installation import ROOT, Installation, installation

FLOOD = ROOT / "apps" / "flood_response"


@pytest.fixture
def empty() -> Iterator[Installation]:
    with installation(named=False) as made:
        yield made


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FLOOD, tmp_path / FLOOD.name))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["39 of 39 units", "4.1 Propose the response level → 4.2 Approve the response"]),
        ("zh", ["39 / 39", "4.1 提出应急响应等级 → 4.2 批准应急响应", "须申请共享: 1"]),
    ],
)
def test_the_models_are_told_in_words_and_nothing_is_started(
    language: str, told: list[str], empty: Installation
) -> None:
    before = empty.files()

    answer = empty.run("apps", "vmodel", FLOOD, GUANTONG_LANGUAGE=language)

    assert answer.code == 0, answer.err
    assert [text for text in told if text not in answer.out] == []
    assert "vmodel." not in answer.out
    assert empty.files() == before


def test_as_json_they_are_one_object(empty: Installation) -> None:
    answer = empty.run("apps", "vmodel", "--json", FLOOD)

    found = json.loads(answer.out)
    assert found["completeness"] == {"leaves": 39, "specified": 39, "lacking": []}
    assert len(found["cooperation"]) == 60
    assert len(found["demand"]) == 34
    units = {unit["id"] for task in found["tasks"] for unit in task["units"]}
    assert {one["giver"] for one in found["cooperation"]} <= units
    assert {field["unit"] for field in found["sharing"]} <= units
    (household,) = (one for one in found["demand"] if one["state"] == "to_request")
    assert (household["unit"], household["rows"]) == ("move_households", 0)


def test_a_package_without_the_file_says_what_to_write(empty: Installation, copy: Path) -> None:
    (copy / "vmodel.yaml").unlink()

    words = empty.run("apps", "vmodel", copy, GUANTONG_LANGUAGE="en")
    plain = empty.run("apps", "vmodel", "--json", copy)

    assert words.code == plain.code == 0
    assert "Write vmodel.yaml" in words.out
    assert json.loads(plain.out) is None


def test_a_package_with_errors_is_refused_in_one_sentence(empty: Installation, copy: Path) -> None:
    (copy / "rules" / "typhoon_signal.dmn").unlink()

    answer = empty.run("apps", "vmodel", copy, GUANTONG_LANGUAGE="en")

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert "guantong doctor" in answer.err
