"""Data that a unit of work wants and nobody has: asked for in the demand list, never refused."""

from pathlib import Path

import pytest
from tests.kernel.packages.vmodel.small import FILES, package

from guantong.orgs.api import shipped_province
from guantong.packages.api import (
    Demand,
    Finding,
    Landed,
    Models,
    Package,
    demand_list,
    examine,
    models_of,
    plain,
)

HAD = "needs: [{dataset: river.level, fields: [level_m, keeper]}]"
WANTED = """needs:
          - wanted: gate_state
            title: goal.early
            fields: [gate_id, opened_m]
            classification: L2
            source: transport@county
            purpose: {zh: 知道闸门开了多少, en: To know how far a gate is open}
          - {dataset: river.level, fields: [level_m, keeper]}"""


def with_wish(folder: Path, wish: str = WANTED, **files: str) -> Package:
    text = FILES["vmodel.yaml"]
    assert HAD in text
    return package(folder, {"vmodel.yaml": text.replace(HAD, wish, 1), **files})


def models(found: Package) -> Models:
    made = models_of(found)
    assert made is not None
    return made


def wished(found: Models) -> Demand:
    # What has landed under that name elsewhere changes nothing: it is no dataset of anybody.
    landed = {"gate_state": Landed(7, None)}
    demands = demand_list(found.model, found.known, landed)
    (one,) = [demand for demand in demands if demand.dataset == "gate_state"]
    return one


def test_it_stands_in_the_demand_list_as_what_does_not_exist(tmp_path: Path) -> None:
    found = wished(models(with_wish(tmp_path)))

    assert found.state == "nowhere"
    assert found.unknown == ()
    assert (found.source, found.classification) == ("transport@county", "L2")
    assert found.wanted is not None
    assert found.wanted.purpose["en"] == "To know how far a gate is open"


def test_its_unit_of_work_is_not_fully_specified_and_no_field_is_known(tmp_path: Path) -> None:
    found = models(with_wish(tmp_path))

    lacking = [(one.lack, one.what) for one in found.completeness.lacking]
    assert ("wanted", "gate_state") in lacking
    assert {f.known for f in found.sharing if f.dataset == "gate_state"} == {False}


def test_programs_are_told_of_whom_it_is_wanted_and_what_for(tmp_path: Path) -> None:
    made = models(with_wish(tmp_path))

    told = plain("river", made, demand_list(made.model, made.known, {}))

    (need,) = [
        need
        for task in told["tasks"]
        for unit in task["units"]
        for need in unit["needs"]
        if need["wanted"] is not None
    ]
    assert need["dataset"] == "gate_state"
    assert need["wanted"] == {
        "classification": "L2", "source": "transport@county", "purpose": "知道闸门开了多少",
    }  # fmt: skip
    assert [one["purpose"] for one in told["demand"] if one["state"] == "nowhere"] == [
        "知道闸门开了多少"
    ]


def asked(found: Package) -> list[Finding]:
    province = shipped_province()
    return [f for f in examine(found, province=province) if f.path == "vmodel.yaml"]


def news(folder: Path, wish: str) -> list[Finding]:
    """Return what the doctor says of the wish and not of the file without it."""
    before = {f.sentence() for f in asked(package(folder / "before"))}
    return [f for f in asked(with_wish(folder / "after", wish)) if f.sentence() not in before]


def test_the_doctor_reminds_of_it_and_refuses_nothing(tmp_path: Path) -> None:
    (found,) = news(tmp_path, WANTED)

    assert (found.check, found.level, found.code) == ("needs", "warning", "nowhere")
    assert "transport@county" in found.sentence()
    assert "once there is a contract" in found.sentence()
    lines = FILES["vmodel.yaml"].replace(HAD, WANTED, 1).splitlines()
    assert "wanted: gate_state" in lines[found.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "check"),
    [
        ("            title: goal.early\n", "", "schema"),
        ("transport@county", "nobody@county", "roles"),
        ("L2", "L9", "schema"),
        ("wanted: gate_state", "dataset: river.gate_state", "schema"),
    ],
    ids=["without a title", "of no line", "of no class", "of a dataset"],
)
def test_a_wish_that_nobody_could_act_on_is_refused(
    tmp_path: Path, old: str, new: str, check: str
) -> None:
    assert old in WANTED

    found = news(tmp_path, WANTED.replace(old, new))

    assert check in {f.check for f in found if f.level == "error"}
