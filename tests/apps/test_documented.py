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


def test_the_cases_of_the_release_before_go_over_by_the_map_of_its_page(river_watch: Path) -> None:
    former = put_together(river_watch.parent / "former" / "river_watch")
    for path, was, now in (
        ("app.yaml", "version: 0.2.0", "version: 0.1.0"),
        ("flows/look_after.bpmn", r'(id|Ref|verifies|Element)="look"', r'\1="inspect"'),
        ("forms/look.json", '"found"', '"remark"'),
    ):
        text = (former / path).read_text("utf-8")
        before, count = re.subn(was, now, text)
        assert count
        (former / path).write_text(before, "utf-8")
    (former / "migrations/0.1.0.yaml").unlink()

    told = [
        [f.code for f in examine(read(river_watch), province=None, former=[read(folder)])]
        for folder in (former, river_watch)
    ]

    # Its own release is not the one the map is about.
    assert told == [[], []]
    text = (river_watch / "migrations/0.1.0.yaml").read_text("utf-8")
    (river_watch / "migrations/0.1.0.yaml").write_text(text.replace("inspect: look", ""), "utf-8")
    found = examine(read(river_watch), province=None, former=[read(former)])
    assert [(f.code, f.line, f.facts["place"]) for f in found] == [("unmapped", 6, "inspect")]


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
