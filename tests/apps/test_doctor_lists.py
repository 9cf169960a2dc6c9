"""The doctor and the second application: what people open, what a case names, what ranks."""

import shutil
from pathlib import Path

import pytest
import yaml
from tests.apps.test_doctor import APPS, Fault, findings_of, planted

from guantong.orgs.api import Province, shipped_province
from guantong.packages.api import Package, read
from guantong.packages.doctor.asked import QUESTIONS

LISTS = APPS / "problem_lists"
FAULTS = [
    Fault(**fault)
    for fault in yaml.safe_load(Path(__file__).with_name("faults_lists.yaml").read_text("utf-8"))
]


@pytest.fixture(scope="module")
def province() -> Province:
    return shipped_province()


@pytest.fixture(scope="module")
def lists() -> Package:
    return read(LISTS)


@pytest.fixture(scope="module")
def found_already(lists: Package, province: Province) -> set[tuple[str, str]]:
    return {one for question in QUESTIONS for one in findings_of(question, lists, province)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.question}-{f.code}-{f.file}")
def test_a_planted_fault_is_found_by_the_question_that_asks_for_it(
    fault: Fault,
    tmp_path: Path,
    lists: Package,
    province: Province,
    found_already: set[tuple[str, str]],
) -> None:
    copy = Path(shutil.copytree(LISTS, tmp_path / LISTS.name))

    package = planted(lists, fault, copy)

    found = set(findings_of(fault.question, package, province)) - found_already
    assert (fault.found_in or fault.file, fault.code) in found


def test_the_units_of_every_line_that_a_case_may_name_are_asked_for(
    lists: Package, province: Province, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(LISTS, tmp_path / LISTS.name))
    swap = ('"emergency", "water"', '"communications"')
    fault = Fault("roles", "forms/problem.json", "fallback", swap)

    package = planted(lists, fault, copy)

    # No county has a communications bureau: the city answers, and that is said.
    assert ("flows/problem.bpmn", "fallback") in set(findings_of("roles", package, province))
