"""The doctor in the province of a store, beside the applications that are installed there."""

from datetime import date

import pytest
from tests.kernel.packages.releases import changed
from tests.province import unit

from guantong.base.clock import local_day, machine_now
from guantong.orgs.api import forget_jurisdictions, province_on
from guantong.orgs.models import Jurisdiction
from guantong.packages.api import Finding, Package, examine, installed
from guantong.packages.life.dry_run import dry_run
from guantong.packages.life.source import Brought

NEEDS = "        needs: []\n        limit: P1D\n"


def lists() -> Package:
    found = installed("problem_lists")
    assert found is not None, "the folder of applications holds problem_lists"
    return found


def needing(dataset: str, *fields: str) -> Package:
    """Return the other application, whose first unit of work needs a dataset."""
    text = lists().documents["vmodel.yaml"].text
    need = f"- {{dataset: {dataset}, fields: [{', '.join(fields)}]}}"
    assert NEEDS in text
    told = text.replace(NEEDS, NEEDS.replace(" []", f"\n          {need}"), 1)
    return changed(lists(), **{"vmodel.yaml": told})


def of(question: str, findings: list[Finding]) -> list[tuple[str, str]]:
    return [(f.level, f.code) for f in findings if f.check == question]


def test_a_need_is_there_when_an_installed_application_has_the_data(flood: Package) -> None:
    package = needing("flood_response.county_exposure", "division_code", "observed_at")

    alone = of("needs", examine(package, province=None))
    beside = of("needs", examine(package, province=None, others=(flood, lists())))

    assert alone == [("error", "dataset")]
    assert beside == []


def test_a_field_that_the_other_application_does_not_have_is_named(flood: Package) -> None:
    package = needing("flood_response.county_exposure", "division_cod")

    (found,) = [f for f in examine(package, province=None, others=(flood,)) if f.level == "error"]

    assert found.code == "field"
    assert found.facts["near"] == "division_code"


def test_guarded_data_of_another_application_are_to_be_requested(flood: Package) -> None:
    package = needing("flood_response.household", "id", "head_name")

    found = [f for f in examine(package, province=None, others=(flood,)) if f.check == "needs"]

    assert {"guarded", "to-request"} <= {f.code for f in found}
    assert all(f.level == "warning" for f in found)
    assert "emergency@township" in next(f for f in found if f.code == "to-request").sentence()


def test_reading_the_data_of_another_application_names_whose_they_are(flood: Package) -> None:
    text = lists().documents["app.yaml"].text
    told = text.replace(
        "datasets: [flows.task]", "datasets: [flows.task, flood_response.household]"
    )
    assert told != text
    package = changed(lists(), **{"app.yaml": told})

    alone = of("uses", examine(package, province=None))
    (beside,) = [f for f in examine(package, province=None, others=(flood,)) if f.check == "uses"]

    assert alone == [("error", "unknown")]
    assert (beside.level, beside.code) == ("error", "of-another")
    assert "belongs to the installed application 'flood_response'" in beside.sentence()


@pytest.mark.django_db
@pytest.mark.usefixtures("province")
def test_a_unit_that_is_gone_from_the_store_is_told_and_the_shipped_province_has_it(
    flood: Package,
) -> None:
    on = local_day(machine_now())
    before = examine(flood, province=province_on(on))

    Jurisdiction.objects.filter(unit_id=unit("water@331081").id).update(valid_to=date(2026, 1, 1))
    forget_jurisdictions()
    after = examine(flood, province=province_on(on))

    def told(findings: list[Finding]) -> list[str]:
        return [
            f.sentence("zh-CN") for f in findings
            if f.check == "roles" and str(f.facts.get("role")) == "water@county"
        ]  # fmt: skip

    assert told(before) == []
    (sentence,) = told(after)
    assert "温岭市" in sentence


@pytest.mark.django_db
@pytest.mark.usefixtures("province")
def test_the_dry_run_looks_at_what_is_installed_beside_it(flood: Package) -> None:
    package = needing("flood_response.household", "id", "head_name")

    plan = dry_run(Brought(package=package), at=machine_now())

    assert flood.id == "flood_response"
    assert "dataset" not in {f.code for f in plan.errors if f.check == "needs"}
