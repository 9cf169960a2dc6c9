"""An analyst's first application, by the command line: made, broken by a slip, told, mended."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.journeys.installation import Answer, Installation, installation

from guantong.packages.document import read_json, read_yaml


@pytest.fixture
def empty() -> Iterator[Installation]:
    """A personal folder in which nothing was ever started."""
    with installation(named=False) as made:
        yield made


@pytest.fixture
def package(empty: Installation, tmp_path: Path) -> Path:
    """The package she has just made."""
    answer = empty.run(
        "apps", "new", "heat_watch", "--folder", tmp_path, "--title-zh", "高温关怀",
        "--title-en", "Heat watch", "--lead", "health@city",
    )  # fmt: skip
    assert (answer.code, answer.err) == (0, ""), answer
    return tmp_path / "heat_watch"


def findings(answer: Answer) -> list[dict[str, object]]:
    return [json.loads(line) for line in answer.out.splitlines()]


def test_a_first_application_is_made_broken_by_a_slip_told_where_and_mended(
    empty: Installation, package: Path
) -> None:
    sound = empty.run("doctor", package)
    assert (sound.code, sound.err) == (0, "")
    # What is left is to name the legal basis of each unit of work.
    counted = f"{package}: heat_watch 0.1.0: 0 errors, 4 warnings; maturity reached: draft."
    assert sound.out.splitlines()[-1] == counted
    assert all("names no article" in line for line in sound.out.splitlines()[:-1])

    signal = package / "signals" / "over_limit.yaml"
    whole = signal.read_text("utf-8")
    signal.write_text(whole.replace("same_matter:", "same_mater:"), "utf-8")
    line = 1 + whole[: whole.index("same_matter:")].count("\n")
    refused = empty.run("doctor", package)

    assert (refused.code, refused.err) == (1, "")
    told = f"{signal}:{line}: [schema] error: "
    assert f"{told}'signals/over_limit.yaml' has the key 'same_mater'" in refused.out
    assert "Did you mean 'same_matter'?" in refused.out

    as_json = empty.run("doctor", "--json", package)
    assert as_json.code == 1
    slip = next(f for f in findings(as_json) if f["code"] == "unknown-key")
    assert (slip["path"], slip["line"], slip["level"]) == (str(signal), line, "error")
    assert "same_matter" in str(slip["zh"])
    assert "same_matter" in str(slip["en"])

    signal.write_text(whole, "utf-8")
    mended = empty.run("doctor", "--json", package)
    assert (mended.code, mended.err) == (0, "")
    assert {f["code"] for f in findings(mended)} == {"no-article"}
    assert empty.files() == set()  # nothing was started


def test_what_to_do_next_is_said_in_lines_that_can_be_typed(
    empty: Installation, tmp_path: Path
) -> None:
    spaced = tmp_path / "my apps"
    spaced.mkdir()

    answer = empty.run("apps", "new", "heat_watch", GUANTONG_APPS=str(spaced))

    assert f"    guantong doctor '{spaced}/heat_watch'    # " in answer.out
    assert "    guantong apps schemas    # " in answer.out
    assert (spaced / "heat_watch" / "app.yaml").exists()
    listed = empty.run("apps", GUANTONG_APPS=str(spaced))
    assert listed.out.startswith("heat_watch  Heat watch  ")


def test_the_schemas_for_editors_take_every_new_file_and_find_the_slip(
    empty: Installation, package: Path, tmp_path: Path
) -> None:
    answer = empty.run("apps", "schemas", tmp_path / "schemas")

    assert (answer.code, answer.err) == (0, "")
    settings = json.loads((tmp_path / "schemas" / "settings.json").read_text("utf-8"))
    leads = [(p, url) for url, ps in settings["yaml.schemas"].items() for p in ps]
    leads += [(p, entry["url"]) for entry in settings["json.schemas"] for p in entry["fileMatch"]]
    asked = 0
    for pattern, url in leads:
        schema = Draft202012Validator(json.loads(Path(url.removeprefix("file://")).read_text()))
        for path in package.glob(pattern.removeprefix("**/")):
            reader = read_json if path.suffix == ".json" else read_yaml
            data = reader(path.name, "", path.read_bytes()).data
            assert [error.message for error in schema.iter_errors(data)] == []
            assert not schema.is_valid({**data, "": 1})
            asked += 1
    assert asked == len([p for p in package.rglob("*.*") if p.suffix in (".yaml", ".json")])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["apps", "new"], "Missing argument"),
        (["apps", "new", "Heat"], "No package is made: 'Heat' is no id. An id is small letters"),
        (["apps", "new", "heat", "--lead", "heat@county"], "The role 'heat@county' was not"),
        (["apps", "new", "heat", "--folder", "/proc"], "Nothing is written: /proc cannot be"),
        (["apps", "new", "flood_response", "--folder", "apps"], "No package is made: apps/flood_r"),
        (["apps", "schemas", "/proc/here"], "Nothing is written: /proc/here cannot be"),
        (["apps", "fly"], "No such command 'fly'."),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_what_cannot_be_made_is_refused_in_one_sentence(
    empty: Installation, words: list[str], sentence: str
) -> None:
    answer = empty.run(*words)

    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(sentence)
    assert answer.err.count("\n") == 1
    assert empty.files() == set()


def test_a_path_that_cannot_be_read_ends_with_two_and_the_others_are_examined(
    empty: Installation, package: Path, tmp_path: Path
) -> None:
    (tmp_path / "bare").mkdir()

    answer = empty.run("doctor", tmp_path / "nowhere", tmp_path / "bare", package)

    assert answer.code == 2
    assert "heat_watch 0.1.0: 0 errors" in answer.out
    nowhere, bare = answer.err.splitlines()
    assert "nowhere cannot be read (there is no such folder)" in nowhere
    assert "bare cannot be read (it holds no files)" in bare


def test_in_chinese_everything_is_said_in_chinese(empty: Installation, tmp_path: Path) -> None:
    said = empty.run("apps", "new", "heat", "--folder", tmp_path, GUANTONG_LANGUAGE="zh-CN")
    again = empty.run("apps", "new", "heat", "--folder", tmp_path, GUANTONG_LANGUAGE="zh-CN")

    assert "是一个可用的应用包" in said.out
    assert again.code == 2
    assert "已存在，从不覆盖" in again.err
