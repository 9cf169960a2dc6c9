"""The walk of a first application, from ``apps new`` to withdrawn (docs/walk_through.md).

Made, changed, refused by the doctor, mended, rehearsed, packed, installed; one county sets a
number; upgraded with one conflict decided; withdrawn. Every act is a command or a page of people.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.journeys.begun import as_founded
from tests.journeys.installation import Installation, installation
from tests.journeys.old_release import Person, Up, at_work, script

from guantong.base.clock import local_day, machine_now

pytestmark = pytest.mark.province

ID, PARAMETERS = "heat_watch", "/apps/heat_watch/parameters"
WENLING, LINHAI = "331081000000", "331082000000"

# What the analyst adds: how far below the limit a county wants to be told, and the rows judged so.
_PARAMETERS = """\
# How early a county wants to be told.
margin:
  type: number
  unit: "1"
  default: 0.0
  range: [-5.0, 5.0]
  why: {zh: 提前量由各县按本地情况确定, en: Each county knows how early it wants to be told}
"""
_SQL = """\
-- What was measured, with the limit lowered by the margin of the county.
select place_no, division_code, read_at, measured,
    most - {{ parameter('margin', division_code) }} as most
from {{ dataset('heat_watch.reading') }}
"""
_TESTS = """\
  - {property: derivedBy, value: datasets/judged.sql}
  - {property: derivedFrom, value: [heat_watch.reading]}
  - {property: parameters, value: [margin]}
  - property: tests
    value:
      - name: the margin lowers the limit
        given:
          heat_watch.reading:
            - {place_no: P1, division_code: "331081000000", measured: 4.0, most: 5.0}
        parameters: {margin: 1.5}
        expect: [{place_no: P1, most: 3.5}]
"""


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    with installation() as own:
        as_founded(own)
        with at_work(own) as found:
            script(own, _ACCOUNTS)
            yield found


_ACCOUNTS = """
from django.contrib.auth.hashers import make_password
from django.db import transaction
from guantong.access.account import leave
from guantong.access.models import User
from guantong.base.clock import local_day, machine_now
from guantong.orgs import api as orgs
on = local_day(machine_now())
for name, code in (("wenling-walk", "emergency@331081"), ("linhai-walk", "emergency@331082")):
    unit = orgs.unit_by_code(code, on=on)
    person = next(p for p in orgs.people_of_unit(unit.id, on=on) if p.post_code == "head")
    with transaction.atomic():
        user = User.objects.create(username=name, password=make_password("guantong-demo-2026"),
            person_id=person.id, printed_password=True, language="zh-CN",
            activated_at=machine_now())
        leave("make", user, at=user.date_joined, actor="system", after=True)
print("null")
"""


def test_an_application_is_made_checked_rehearsed_installed_upgraded_and_withdrawn(
    up: Up, tmp_path: Path
) -> None:
    own = up.own
    package = made_and_changed(own, tmp_path)
    refused_and_mended(own, package)

    rehearsed = own.run("rehearse", package)
    assert rehearsed.code == 0, rehearsed.out + rehearsed.err

    first = packed(own, package, tmp_path)
    installed = own.run("apps", "install", first, "--why", "高温季节")
    assert installed.code == 0, installed.err
    assert "heat_watch 0.1.0" in installed.out

    wenling, linhai = Person(up, "wenling-walk"), Person(up, "linhai-walk")
    for head, area, value in ((wenling, WENLING, "3"), (linhai, LINHAI, "0.5")):
        said = {
            "area": area, "value": value, "on": local_day(machine_now()).isoformat(),
            "why": "老城区热岛明显",
        }  # fmt: skip
        assert value in head.post(f"{PARAMETERS}/margin/set", sure="1", **said)

    second = newer(own, package, tmp_path)
    upgraded_with_one_conflict_decided(own, second)
    shown = wenling.get(PARAMETERS)
    assert "-1 – 1" in shown  # the range of the new release
    assert "0.5" in linhai.get(PARAMETERS)  # the neighbour's word is kept

    gone = own.run("apps", "withdraw", ID, "--why", "并入省级应用")
    assert gone.code == 0, gone.err
    assert "该应用已停用" in wenling.get(f"/apps/{ID}")
    acts = [line.split("  ")[2] for line in own.run("apps", "history", ID).out.splitlines()]
    assert acts == ["withdrawn", "upgraded from 0.1.0", "installed"]
    assert own.run("check", "audit").code == 0


def made_and_changed(own: Installation, folder: Path) -> Path:
    """Make a new package and give it a number that areas set; one thing is forgotten."""
    made = own.run("apps", "new", ID, "--folder", folder, "--title-zh", "高温守护")
    assert made.code == 0, made.err
    package = folder / ID
    (package / "parameters.yaml").write_text(_PARAMETERS, "utf-8")
    (package / "datasets" / "judged.sql").write_text(_SQL, "utf-8")
    reading = (package / "datasets" / "reading.yaml").read_text("utf-8")
    judged = reading.replace(f"{ID}.reading", f"{ID}.judged").replace(
        "name: reading", "name: judged"
    )
    judged = judged.replace("  - {property: sample, value: samples/first_days.csv}\n", _TESTS)
    (package / "datasets" / "judged.yaml").write_text(judged, "utf-8")
    swap(package / "signals" / "over_limit.yaml", f"on: {ID}.reading", f"on: {ID}.judged")
    for file in ("zh-CN", "en"):
        path = package / "messages" / f"{file}.yaml"
        path.write_text(path.read_text("utf-8") + "parameter.margin: 提前量\n", "utf-8")
    return package


def refused_and_mended(own: Installation, package: Path) -> None:
    """Show that the doctor names the step no unit of work carries, and let it be mended."""
    refused = own.run("doctor", package)
    assert refused.code == 1
    assert f"'{ID}.judged'" in refused.out
    assert "[work_units] error" in refused.out

    swap(package / "vmodel.yaml", f"{{signal: {ID}.over_limit}}]",
         f"{{signal: {ID}.over_limit}}, {{dataset: {ID}.judged}}]")  # fmt: skip
    fields = "fields: [place_no, division_code, read_at, measured, most]}\n"
    need = f"          - {{dataset: {ID}.reading, {fields}"
    swap(package / "vmodel.yaml", need, need + need.replace("reading", "judged"))
    vmodel = package / "vmodel.yaml"
    law = '{zh: 《中华人民共和国突发事件应对法》第十七条, en: "Emergency Response Law, article 17"}'
    vmodel.write_text(re.sub(r"\{zh: 请填写.*\}", law, vmodel.read_text("utf-8")), "utf-8")
    mended = own.run("doctor", package)
    assert (mended.code, mended.out.count("error:")) == (0, 0), mended.out


def packed(own: Installation, package: Path, folder: Path) -> Path:
    """Pack the package, signed by a publisher whom the province trusts from now on."""
    public = folder / "taizhou.pub"
    if not public.exists():
        key = own.run("apps", "publisher", "new", "Taizhou Emergency")
        public.write_text(key.out, "utf-8")
        trusted = own.run("apps", "publisher", "trust", public, "--by", "admin")
        assert trusted.code == 0, trusted.err
    file = folder / f"{package.parent.name}.gtpkg"
    answer = own.run("apps", "pack", package, "--signer", "Taizhou Emergency", "--out", file)
    assert answer.code == 0, answer.err
    return file


def newer(own: Installation, package: Path, folder: Path) -> Path:
    """Pack the next release: what a county may set is narrower."""
    next_one = folder / "next" / ID
    shutil.copytree(package, next_one)
    swap(next_one / "app.yaml", "version: 0.1.0", "version: 0.2.0")
    swap(next_one / "parameters.yaml", "[-5.0, 5.0]", "[-1.0, 1.0]")
    return packed(own, next_one, folder)


def upgraded_with_one_conflict_decided(own: Installation, file: Path) -> None:
    """Look at the conflict, be refused without a decision, decide, upgrade."""
    looked = own.run("apps", "install", file, "--dry-run")
    assert f"margin of {WENLING}, 3: outside -1.0 to 1.0" in looked.out, looked.out
    (conflict,) = set(re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", looked.out))
    undecided = own.run("apps", "upgrade", file, "--why", "统一口径")
    assert undecided.code == 2
    done = own.run("apps", "upgrade", file, "--why", "统一口径", "--decide", f"{conflict}=1")
    assert done.code == 0, done.err


def swap(path: Path, was: str, now: str) -> None:
    text = path.read_text("utf-8")
    assert was in text, f"{path.name} no longer holds {was!r}"
    path.write_text(text.replace(was, now, 1), "utf-8")
