"""The DMN TCK, levels 2 and 3: how much of it passes, and that no case falls back.

``make conformance`` prints one line for each suite; a case outside the list of known failures
that does not pass fails the run, and so does a case of the list that passes.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from tests.kernel.dmn.tck import JAVA, Result, kit, run_level

KNOWN: Mapping[str, str] = (
    yaml.safe_load(Path(__file__).with_name("known_failures.yaml").read_text(encoding="utf-8"))
    or {}
)
# What the list held when it was last shortened; a longer list means that something was broken.
MOST_KNOWN_FAILURES = 3
LEVELS = ("level2", "level3")


@pytest.fixture(scope="module", params=LEVELS)
def results(request: pytest.FixtureRequest) -> list[Result]:
    level: str = request.param
    if not kit(level).is_dir():
        pytest.skip(f"DMN TCK {level}: 0 cases run, the kit is not on this machine")
    return run_level(level)


def known(result: Result) -> bool:
    return result.name in KNOWN or result.folder in KNOWN


def line(suite: str, results: list[Result]) -> dict[str, object]:
    """Return the line of a suite: a refusal counts as one where the list declares it."""
    ways = ["failed" if each.how == "refused" and not known(each) else each.how for each in results]
    counts = {way: ways.count(way) for way in ("passed", "failed", "errors", "refused")}
    return {"suite": suite, **counts, "total": len(results)}


def test_every_case_passes_that_is_not_a_known_failure(
    results: list[Result], request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    level = request.node.callspec.params["results"]
    java = [result for result in results if result.folder == JAVA]
    counted = [result for result in results if result.folder != JAVA]
    lines = [line(f"dmn-tck/{level}", counted), *([line("java", java)] if java else [])]
    with capsys.disabled():
        print("", *map(json.dumps, lines), sep="\n")  # noqa: T201

    failed = [each for each in results if each.how != "passed" and not known(each)]

    assert failed == []
    assert all(each.how == "refused" for each in java), "Java is refused, never guessed."


def test_a_known_failure_still_fails_and_else_leaves_the_list(results: list[Result]) -> None:
    by_folder: dict[str, list[Result]] = {}
    for result in results:
        by_folder.setdefault(result.folder, []).append(result)

    now_passing = [each.name for each in results if each.name in KNOWN and each.how == "passed"]
    now_passing += [
        folder
        for folder, cases in by_folder.items()
        if folder in KNOWN and any(each.how == "passed" for each in cases)
    ]

    assert now_passing == [], "Take these out of known_failures.yaml."


def test_the_list_of_known_failures_only_shrinks_and_gives_reasons() -> None:
    assert len(KNOWN) <= MOST_KNOWN_FAILURES
    assert all(isinstance(reason, str) and reason for reason in KNOWN.values())
