"""The examples of the pages of kinds are one package: it is sound, and its stories come true."""

import re
from pathlib import Path

import pytest
from tests.documented import examples, put_together

from guantong.orgs.api import shipped_province
from guantong.packages.api import examine, read
from guantong.packages.kinds.known import KINDS, kind_of


@pytest.fixture
def river_watch(tmp_path: Path) -> Path:
    return put_together(tmp_path / "river_watch")


def test_every_page_has_an_example_of_its_own_kind_and_no_file_stands_twice() -> None:
    found = examples()

    kinds = [(page, kind.name if (kind := kind_of(path)) else None) for page, path, _ in found]
    # A river is not ranked: the example of an index is that of problem_lists, which ships.
    assert {page for page, _ in kinds} == {kind.name for kind in KINDS} - {"indexes"}
    assert [pair for pair in kinds if pair[0] != pair[1]] == []
    assert len({path for _, path, _ in found}) == len(found)


def test_the_examples_together_are_a_package_the_doctor_has_nothing_to_say_about(
    river_watch: Path,
) -> None:
    findings = examine(read(river_watch), province=shipped_province())

    assert [f"{f.path}:{f.line}: {f.sentence()}" for f in findings] == []


def test_a_goal_without_its_words_is_found_where_the_goal_stands(river_watch: Path) -> None:
    for language in ("zh-CN", "en"):
        words = river_watch / "messages" / f"{language}.yaml"
        words.write_text(
            re.sub(r"^(goal\.early|unit\.act):.*\n", "", words.read_text(), flags=re.M)
        )

    findings = examine(read(river_watch), province=None)

    missing = {str(f.facts["key"]): (f.check, f.path, f.level) for f in findings}
    told = ("words", "vmodel.yaml", "error")
    assert missing == {"goal.early": told, "unit.act": told}
