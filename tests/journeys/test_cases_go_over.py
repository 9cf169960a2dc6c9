"""Two problems are under way when the application gets a new release: one goes over, one stays.

Through the pages: the map is refused by the doctor while it is wrong, read before it is decided,
carried out by the worker, and the case that went over is finished by people under the new release.
"""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.test import Client
from tests import province
from tests.apps.lists_story import ANSWERS, PROBLEM, step, waiting
from tests.journeys.installation import ROOT
from tests.journeys.work_story import officer, text_of
from tests.province import WENLING

from guantong.base.clock import machine_now
from guantong.base.realm import LIVE
from guantong.flows import api as flows
from guantong.flows.models import Case
from guantong.main import wiring, worker
from guantong.main.packages import doctor
from guantong.packages import api as packages
from guantong.packages.api import Brought, read
from guantong.packages.life import current

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("province", "flood")]

ID = "problem_lists"
AUDIT, WATER = "audit@331081", "water@331081"
MAP = """\
flows:
  problem:
    why: {zh: 根源分析改为查明原因，在办的也按新步骤办, en: The step has a new name}
    steps:
      list_it: list_it
      analyse: establish
      approve_measures: approve_measures
      rectify: stays
      accept_it: stays
      supervise: stays
      prevent: prevent
      settle: settle
      watch: watch
      look_again: look_again
"""


@pytest.fixture(autouse=True)
def _as_before(settings: Any) -> Iterator[None]:
    """Put this process back to the packages of the folder: others test with them."""
    settings.SECOND_FACTOR = "optional"
    yield
    current.forget()
    wiring.install_folder(django_settings.APPS_FOLDER)


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The next release: its step ``analyse`` is called ``establish``."""
    folder = tmp_path / ID
    shutil.copytree(ROOT / "apps" / ID, folder)
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        text = path.read_text("utf-8")
        text = re.sub(r'((?:id|Ref|verifies|separate|Element))="analyse"', r'\1="establish"', text)
        text = re.sub(r"^node\.analyse: .*", "node.establish: 查明原因", text, flags=re.M)
        if path.suffix == ".yaml" and "messages" not in path.parts:
            text = re.sub(r"\banalyse\b", "establish", text)
        text = text.replace("version: 0.1.0", "version: 0.2.0")
        path.write_text(text, "utf-8")
    (folder / "migrations").mkdir()
    (folder / "migrations/0.1.0.yaml").write_text(MAP, "utf-8")
    return folder


@pytest.fixture
def auditor() -> Client:
    packages.enter(
        Brought(package=read(ROOT / "apps" / ID)), by="person:x", why="启用清单", at=machine_now()
    )
    packages.follow()
    return officer(AUDIT)


def entered(auditor: Client, title: str) -> UUID:
    answer = auditor.post(f"/cases/new/{ID}/problem", {**PROBLEM, "title": title, "place": WENLING})
    assert answer.status_code == 302, answer.content
    return Case.objects.latest("opened_at", "id").id


def do(browser: Client, case: UUID, item: str) -> None:
    address = f"/tasks/{waiting(case, item).id}/act"
    given = ANSWERS["analyse" if item == "establish" else item]
    assert browser.post(address, {"act": "accept"}).status_code == 302
    answer = browser.post(address, {"act": "complete", **given})
    assert answer.status_code == 302, text_of(answer)


def test_a_wrong_map_is_refused_by_the_doctor_with_file_and_line(
    newer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    former, path = ROOT / "apps" / ID, newer / "migrations/0.1.0.yaml"
    path.write_text(MAP.replace("analyse: establish", "analyse: prevent"), "utf-8")

    code = doctor([newer], language="en", as_json=False, former=[former])
    refused = capsys.readouterr().out
    path.write_text(MAP, "utf-8")
    mended = doctor([newer], language="en", as_json=False, former=[former])

    assert (code, mended) == (1, 0)
    # The case would go to where work is looked at again that nobody has done (promise P2).
    assert f"{path}:6: [migrations] error: 'look_again' must know who did 'rectify'" in refused


def test_one_case_goes_over_and_is_finished_by_people_and_one_stays(
    auditor: Client, newer: Path
) -> None:
    going, staying = entered(auditor, "泵站资料缺失甲"), entered(auditor, "泵站资料缺失乙")
    second, water = officer(AUDIT, "second_duty"), officer(WATER)
    for case in (going, staying):
        do(second, case, "list_it")
    for item, who in (("analyse", water), ("approve_measures", second)):
        do(who, staying, item)
    task = waiting(going, "analyse")
    water.post(f"/tasks/{task.id}/act", {"act": "accept"})
    admin = officer("emergency@33", "head")
    id = packages.bring_in(Brought(package=read(newer)), by="person:x", at=machine_now())
    page = f"/apps/releases/{id}"

    before = text_of(admin.get(page))
    admin.post(page, {"why": "步骤改名"})
    asked = text_of(admin.get(page))
    while worker._move_cases():
        pass
    done = text_of(admin.get(page))

    assert "problem（0.1.0）的 1 个在办案件转入：从根源分析到查明原因" in before
    assert "problem（0.1.0）的 1 个在办案件不转：停在整改" in before
    assert "在办案件 2 个中已处理 0 个" in asked
    assert "2 个尚待转入" in asked
    assert "在办案件 2 个中已处理 2 个" in done
    assert "problem的 1 个已转入" in done
    assert "problem的 1 个未转：当时停在整改" in done

    # Who had accepted it holds it still, by the same limit; the page is that of the new step.
    moved = waiting(going, "establish")
    holder = province.person(WATER).id
    assert (moved.id, moved.doer_id, moved.limit_at) == (task.id, holder, task.limit_at)
    shown = text_of(water.get(f"/tasks/{task.id}"))
    assert "查明原因" in shown
    answer = water.post(f"/tasks/{task.id}/act", {"act": "complete", **ANSWERS["analyse"]})
    assert answer.status_code == 302, text_of(answer)
    for item, who in (
        ("approve_measures", second), ("rectify", water), ("accept_it", second),
        ("prevent", water),
    ):  # fmt: skip
        do(who, going, item)
    province.settle_plans(going, at=machine_now())
    flows.run_due(LIVE, machine_now() + timedelta(days=91))
    do(second, going, "look_again")

    timeline = text_of(auditor.get(f"/cases/{going}"))
    assert Case.objects.get(id=going).state == "closed"
    assert Case.objects.get(id=going).outcome == "mended"
    assert "案件由版本 0.1.0 转入 0.2.0" in timeline
    # The other one goes on by the release it began with.
    step(staying, "rectify", WATER, "duty", at=machine_now())
    assert waiting(staying, "accept_it").state == "dispatched"
    stayed = Case.objects.get(id=staying)
    assert packages.standing(ID).release != UUID(stayed.release)  # type: ignore[union-attr]
    assert "analyse" in stayed.data["doers"]
