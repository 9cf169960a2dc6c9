"""The doctor and the shipped applications: sound as they stand, and each small fault is found.

Each fault below is planted alone into a copy of the package; the question named must find it in
the file named. A question that never found anything may be asleep.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from guantong.dmn.api import namespace_of
from guantong.orgs.api import Chains, Declaration, Province, shipped_province
from guantong.packages.api import Package, examine, read
from guantong.packages.doctor.asked import QUESTIONS
from guantong.packages.doctor.questions.personal_data import is_resident_number
from guantong.packages.doctor.subject import Subject
from guantong.packages.document import Document, read_yaml
from guantong.packages.kinds.known import kind_of

APPS = Path(__file__).parents[2] / "apps"
FLOOD = APPS / "flood_response"
MOST_SECONDS = 6.0


@pytest.fixture(scope="module")
def province() -> Province:
    return shipped_province()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FLOOD, tmp_path / FLOOD.name))


@pytest.mark.parametrize("app", sorted(p.name for p in APPS.iterdir() if p.is_dir()))
def test_an_application_that_ships_has_no_error(app: str, province: Province) -> None:
    package = read(APPS / app)

    findings = examine(package, province=province)

    errors = [f"{f.path}:{f.line}: {f.sentence()}" for f in findings if f.level == "error"]
    assert errors == []


def test_areas_where_a_higher_unit_answers_are_told_once_for_each_role(province: Province) -> None:
    findings = examine(read(FLOOD), province=province)

    fallbacks = {str(f.facts["role"]): f for f in findings if f.code == "fallback"}
    # Four core districts of Hangzhou have no meteorological bureau of their own.
    assert set(fallbacks) == {"meteorology@county"}
    assert fallbacks["meteorology@county"].facts["count"] == 4
    assert "上城区、拱墅区、西湖区等" in fallbacks["meteorology@county"].sentence("zh-CN")


def test_who_answers_is_asked_by_the_declared_chain_as_dispatch_asks(province: Province) -> None:
    nobody = Declaration("meteorology", "330100000000", ("gap",), date.min, None)
    held = province.jurisdictions.with_chains(Chains([nobody]))

    findings = examine(read(FLOOD), province=replace(province, jurisdictions=held))

    found = [f for f in findings if f.code == "nobody"]
    assert {str(f.facts["role"]) for f in found} == {"meteorology@county"}
    assert {f.facts["count"] for f in found} == {4}
    assert "says that nobody answers" in found[0].sentence()


def test_without_a_province_only_the_units_are_not_asked_for(copy: Path) -> None:
    plant(
        copy,
        Fault(
            "roles", "plans/typhoon.yaml", "unreadable", ("role: water@county", "role: wter@county")
        ),
    )

    findings = examine(read(copy), province=None)

    assert {f.code for f in findings if f.check == "roles"} == {"unreadable"}


def test_the_whole_examination_takes_seconds(province: Province) -> None:
    package = read(FLOOD)
    start = time.process_time()

    examine(package, province=province)

    # Processor time: how many others share the machine is not the doctor's doing.
    assert time.process_time() - start < MOST_SECONDS


SERVICE = (
    '<decisionService id="typhoon_service" name="typhoon service">'
    '<outputDecision href="#typhoon_signal"/>'
    + "".join(f'<inputData href="#input_{name}"/>' for name in ("wind_6h_ms", "gust_6h_ms"))
    + "</decisionService></definitions>"
)


@pytest.mark.parametrize(
    ("old", "new"),
    [('hitPolicy="FIRST"', 'hitPolicy="PRIORITY"'), ("</definitions>", SERVICE)],
    ids=["priority", "service"],
)
def test_the_doctor_takes_what_the_engine_takes(old: str, new: str, flood: Package) -> None:
    path = "rules/typhoon_signal.dmn"
    document = flood.documents[path]
    changed = document.content.replace(old.encode(), new.encode())
    assert changed != document.content

    package = flood.changed(path, replace(document, content=changed))

    errors = [f for f in QUESTIONS["rules"](Subject(package)) if f.level == "error"]
    assert [f.sentence() for f in errors] == []


def test_a_rule_file_may_import_one_that_stands_beside_it(flood: Package) -> None:
    path, other = "rules/typhoon_signal.dmn", "rules/more.dmn"
    namespace = namespace_of(flood.documents[path].content)
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" id="more" name="more" '
        f'namespace="urn:more"><import namespace="{namespace}" name="typhoon"/>'
        '<decision id="grave" name="grave"><informationRequirement>'
        f'<requiredDecision href="{namespace}#typhoon_signal"/></informationRequirement>'
        "<literalExpression><text>typhoon.typhoon_signal = null</text></literalExpression>"
        "</decision></definitions>"
    )

    package = flood.changed(other, Document(other, "rules", text.encode()))
    alone = package.changed(path, None)
    unasked = package
    for signal in flood.each("signals"):
        unasked = unasked.changed(signal.path, None)

    unused = [f for f in QUESTIONS["rules"](Subject(unasked)) if f.code == "unused"]
    assert [f.path for f in unused] == [other]  # the other one is imported
    assert package.rules[other].decide("grave", {}).value is False
    refused = [f for f in QUESTIONS["rules"](Subject(alone)) if f.path == other]
    assert [f.code for f in refused] == ["refused"]
    assert "Put that file beside this one" in refused[0].sentence()


def test_a_package_that_others_are_to_work_with_says_who_does_what(flood: Package) -> None:
    claimed = flood.documents["maturity.yaml"].content.replace(b"rung: draft", b"rung: pilot")
    maturity = read_yaml("maturity.yaml", "maturity", claimed)
    package = flood.changed("vmodel.yaml", None)

    asked = {
        code: [f.path for f in QUESTIONS["work_units"](Subject(told)) if f.code == code]
        for code, told in (
            ("no-vmodel", package.changed("maturity.yaml", maturity)),
            ("draft", package),
        )
    }

    assert asked == {"no-vmodel": ["maturity.yaml"], "draft": []}


def test_a_function_that_feel_does_not_have_does_not_throw_the_doctor(copy: Path) -> None:
    column = ("<text>wind_6h_ms</text>", "<text>absolute(wind_6h_ms)</text>")
    plant(copy, Fault("rules", "rules/typhoon_signal.dmn", "never-decides", column))

    findings = examine(read(copy), province=None)

    assert "never-decides" in {finding.code for finding in findings}


class Fault(NamedTuple):
    """One small fault: the question that must find it, with which code, where, and the change."""

    question: str
    file: str
    code: str
    swap: tuple[str, str] | None = None
    write: str | None = None
    gone: bool = False
    found_in: str = ""


# A number as a resident's would be, made here from a birthday in 1900, so that it is nobody's.
NOBODY = next(n for c in "0123456789X" if is_resident_number(n := f"11010119000101001{c}"))
FAULTS = [
    Fault(**fault)
    for fault in yaml.safe_load(
        Path(__file__).with_name("faults.yaml").read_text("utf-8").replace("{nobody}", NOBODY)
    )
]


def plant(folder: Path, fault: Fault) -> None:
    """Change the copy at one place; a fault that no longer fits the package is no fault."""
    path = folder / fault.file
    if fault.gone:
        path.unlink()
    elif fault.write is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(fault.write, "utf-8")
    elif fault.swap is not None:
        text = path.read_text("utf-8")
        old, new = fault.swap
        assert old in text, f"{fault.file} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), "utf-8")


def planted(package: Package, fault: Fault, copy: Path) -> Package:
    """Return the package with one fault; in memory where that is enough, because it is quicker."""
    plant(copy, fault)
    kind, path = kind_of(fault.file), copy / fault.file
    if kind is None or kind.name == "samples":
        return read(copy)  # strays are found while reading, and CSV files are read at their place
    document = kind.read(fault.file, kind.name, path.read_bytes()) if path.exists() else None
    return package.changed(fault.file, document)


def findings_of(question: str, package: Package, province: Province) -> Iterator[tuple[str, str]]:
    """Yield file and code of each finding of one question; its sentences must be there, too."""
    for finding in QUESTIONS[question](Subject(package, province)):
        for language in ("zh-CN", "en"):
            sentence = finding.sentence(language)
            assert not sentence.startswith("doctor."), f"{sentence} has no words"
        yield finding.path, finding.code


@pytest.fixture(scope="module")
def flood() -> Package:
    return read(FLOOD)


@pytest.fixture(scope="module")
def found_already(flood: Package, province: Province) -> set[tuple[str, str]]:
    package = flood
    return {one for question in QUESTIONS for one in findings_of(question, package, province)}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f"{f.question}-{f.code}-{f.file}")
def test_a_planted_fault_is_found_by_the_question_that_asks_for_it(
    fault: Fault,
    copy: Path,
    flood: Package,
    province: Province,
    found_already: set[tuple[str, str]],
) -> None:
    package = planted(flood, fault, copy)

    found = set(findings_of(fault.question, package, province)) - found_already

    where = fault.found_in or fault.file
    assert (where, fault.code) in found


def test_every_question_has_a_fault_it_was_seen_to_find() -> None:
    # Those of the second application are planted in ``test_doctor_lists``.
    more = yaml.safe_load(Path(__file__).with_name("faults_lists.yaml").read_text("utf-8"))
    seen = {fault.question for fault in FAULTS} | {fault["question"] for fault in more}
    assert seen == set(QUESTIONS)
    assert len(FAULTS) >= 40


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("flows/county_response.bpmn", "change = &quot;raised", "change + = &quot;raised"),
        ("plans/typhoon.yaml", "items:", "itmes:"),
        ("forms/review.json", '"layout"', '"layuot"'),
        ("signals/typhoon.yaml", "on: ", "upon: "),
        ("replay.yaml", "inputs:", "inputz:"),
        ("pages/cockpit.yaml", "figures:", "figurs:"),
        ("objects/household.yaml", "kind: DataContract", "kind: Contract"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_itself_and_not_all_that_it_names(
    copy: Path, flood: Package, file: str, old: str, new: str
) -> None:
    package = planted(flood, Fault("", file, "", (old, new)), copy)

    said = {(f.path, f.sentence()) for f in examine(package, province=None)}

    # What is true of the sound package stays true.
    already = {(f.path, f.sentence()) for f in examine(flood, province=None)}
    assert {path for path, _ in said - already} == {file}
