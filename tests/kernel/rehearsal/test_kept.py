"""What came of a rehearsal is kept with its release, and tells the same as on the day it was."""

from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.kernel.packages.releases import version
from tests.kernel.rehearsal.test_rehearsed import ON, STORY, TODAY, check, play, scenario
from tests.province import unit, user_for

from guantong.base.clock import machine_now
from guantong.base.errors import NotFound
from guantong.packages import api as packages
from guantong.packages.api import BOX, PEOPLE, Brought, Package, Rehearsed, Report, UnitScore
from guantong.packages.rehearsal.kept import newest_of_digest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("transactional_db", "province", "lake", "small_map"),
]
BY = "command:rehearse 彩排人"
HELD = scenario(then=check(f"alert: {{signal: flood_response.typhoon, {ON}, count: 1}}", "PT1H"))


def release_of(package: Package) -> UUID:
    return packages.bring_in(Brought(package=package), by=BY, at=machine_now())


def with_story(flood: Package, number: str = "0.2.0") -> Package:
    """Return a release that has the story among its scenarios."""
    return version(flood, number, **{STORY.path: STORY.text})


def keep(release: UUID, *played: Rehearsed, **more: Any) -> packages.KeptRehearsal:
    given: dict[str, Any] = {"kind": BOX, "by": BY, "at": machine_now()} | more
    units = given.pop("units", ())
    # As it comes from another process: as text.
    outcome = orjson.loads(orjson.dumps(packages.outcome_of(played, units)))
    return packages.keep_rehearsal(release, outcome, **given)


def report(package: Package, *played: Rehearsed, units: Any = ()) -> bytes:
    made = Report(at=TODAY, language="zh-CN")
    made.add(package, played, units=units)
    return made.html()


def test_the_report_of_a_kept_rehearsal_is_the_one_of_that_day(flood: Package) -> None:
    played, package = play(flood, STORY), with_story(flood)
    that_day = report(package, played)

    id = keep(release_of(package), played).id
    read = packages.read_rehearsal(package.id, id)

    assert report(read.package, *read.played, units=read.units) == that_day
    assert read.kept.digest == package.digest
    assert (read.kept.played, read.kept.failed) == (1, 1)
    assert read.kept.declared == len(packages.scenarios(package)) > 1


def test_an_exercise_that_is_judged_twice_is_kept_once_with_its_scores(flood: Package) -> None:
    played, package = play(flood, STORY), with_story(flood)
    home = unit("emergency@331081")
    units = [
        UnitScore(
            unit_id=home.id, name_zh=home.name_zh, name_en=home.name_en, by_people=True, tasks=3,
            receipt=2.5, acceptance=None, late=0,
        )
    ]  # fmt: skip
    release = release_of(package)

    first = keep(release, played, kind=PEOPLE, units=units)
    again = keep(release, played, kind=PEOPLE, units=units)

    assert first == again
    assert packages.count_rehearsals(package.id) == 1
    assert packages.read_rehearsal(package.id, first.id).units == units
    assert newest_of_digest(package.id, package.digest) is None, "people are no rehearsal"


def test_the_dry_run_says_whether_and_how_a_release_was_rehearsed(flood: Package) -> None:
    failed, package = play(flood, STORY), with_story(flood)
    others = {
        path: None
        for path in flood.documents
        if path.startswith("scenarios/") or path == "replay.yaml"
    }
    alone = version(flood, "0.3.0", **others, **{HELD.path: HELD.text})
    held = play(flood, HELD)

    def told(of: Package) -> str:
        plan = packages.dry_run(Brought(package=of), at=machine_now())
        return packages.rehearsal_words(plan.rehearsal, "en")

    before = told(package)
    keep(release_of(package), failed)
    after = told(package)
    keep(release_of(package), held)
    partly = told(package)
    keep(release_of(alone), held)

    assert before.startswith("Warning: nobody has kept a rehearsal of this release.")
    assert "1 of 1 scenarios failed" in after
    assert f"only 1 of {len(packages.scenarios(package))} scenarios" in partly
    assert told(alone).endswith("all 1 scenarios held.")


def browser() -> Client:
    made = Client()
    user = user_for("water@331081", "duty", language="en")
    made.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return made


def test_the_page_shows_failures_and_coverage_of_each_and_hands_the_report_out(
    flood: Package,
) -> None:
    played, package = play(flood, STORY), with_story(flood)
    kept = keep(release_of(package), played)
    page, reader = f"/apps/{package.id}/rehearsals", browser()

    shown = reader.get(page).content.decode()
    file = reader.get(f"{page}/{kept.id}.html")
    elsewhere = reader.get(f"/apps/problem_lists/rehearsals/{kept.id}.html")

    assert "Scenarios that failed: 1 of 1." in shown
    line = played.line(played.failed[0])
    assert f"scenarios/told.yaml:{line}: scenario" in shown
    assert shown.index("What failed") < shown.index("Coverage of all scenarios together")
    assert "5 / 5" not in shown
    assert "style=" not in shown
    assert file["Content-Disposition"].startswith("attachment")
    assert "What happened, in" in file.content.decode()
    assert elsewhere.status_code == 404


def test_the_page_of_an_application_that_nobody_rehearsed_says_how_to(flood: Package) -> None:
    reader = browser()

    shown = reader.get(f"/apps/{flood.id}/rehearsals").content.decode()

    assert "No rehearsal has been kept yet." in shown
    assert "guantong rehearse PATH --keep" in shown
    assert reader.get("/apps/nothing/rehearsals").status_code == 404


def test_the_newest_stand_first_and_many_ask_the_store_no_more_often(flood: Package) -> None:
    played, package = play(flood, STORY), with_story(flood)
    release, reader = release_of(package), browser()
    page = f"/apps/{package.id}/rehearsals"
    kept = [keep(release, played)]

    def asked() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            answer = reader.get(page).content.decode()
        return len(queries), answer

    asked()
    one, _ = asked()
    kept += [keep(release, played) for _ in range(6)]
    many, shown = asked()
    older = reader.get(f"{page}?before={kept[2].id}").content.decode()

    assert many == one
    places = [shown.find(str(found.id)) for found in reversed(kept)]
    assert places[:5] == sorted(places[:5])
    assert -1 not in places[:5]
    assert places[5:] == [-1, -1]
    assert f"?before={kept[2].id}" in shown
    assert f"rehearsal-{kept[0].id}" in older
    assert f"rehearsal-{kept[2].id}" not in older


def test_a_rehearsal_that_is_altered_in_the_store_is_named_by_the_check(flood: Package) -> None:
    from guantong.audit.api import check as check_log

    played, package = play(flood, STORY), with_story(flood)
    kept = keep(release_of(package), played)
    before = check_log().faults

    with connection.cursor() as cursor:
        cursor.execute("update packages_rehearsal set outcome = '{}' where id = %s", [kept.id])

    assert before == ()
    assert [fault.id for fault in check_log().faults] == [str(kept.id)]


def test_a_rehearsal_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        packages.read_rehearsal("flood_response", UUID(int=7))
