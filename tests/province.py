"""A small province that tests share: four real counties, each with two townships of two villages.

Places, lines and posts are those of the shipped province, cut to what a test can hold in mind.
Units are named by their codes: ``emergency@331081`` is Wenling's emergency bureau and
``area@331081105229`` the committee of the village 里箬. Everything is made by the kernel's own
rules, goes down in one COPY per table and is rolled back with the test.
"""

import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection

from guantong.access.models import User
from guantong.base.ids import new_id
from guantong.base.models import Exercise
from guantong.base.outbox import deliver_one
from guantong.base.realm import LIVE, Realm, exercise
from guantong.data import api as data
from guantong.flows import api as flows
from guantong.flows.models import Task
from guantong.orgs import founding
from guantong.orgs.api import (
    TIERS,
    PersonRef,
    UnitRef,
    forget_jurisdictions,
    lift,
    lines,
    people_of_unit,
    unit_by_code,
)
from guantong.orgs.bulk import copy
from guantong.packages.api import Package, installed
from guantong.registry.api import NewObject, record
from guantong.registry.models import RegistryObject

FOUNDED = date(2019, 1, 1)
# The evening before Lekima came ashore at Wenling: every case of these tests is opened then.
EVENING = datetime(2019, 8, 9, 12, tzinfo=UTC)

WENLING, YUHUAN = "331081000000", "331083000000"  # neighbours on the coast, of Taizhou
CANGNAN = "330327000000"  # on the coast, of Wenzhou
QINGYUAN = "331126000000"  # in the mountains, of Lishui
SHITANG, TAIPING = "331081105000", "331081001000"  # townships of Wenling
# A village of Shitang, and its neighbour.
LIRUO, DONGXING = "331081105229", "331081105230"
_TOWNSHIPS = (
    SHITANG, TAIPING, "331083001000", "331083002000", "330327100000", "330327118000",
    "331126001000", "331126101000",
)  # fmt: skip
_NAMED_VILLAGES = (LIRUO, DONGXING)
_VILLAGES_EACH = 2

PASSWORD = "guantong-test-2026"


@dataclass(frozen=True, slots=True)
class Province:
    """What there is: the codes of the divisions, by tier."""

    counties: tuple[str, ...]
    townships: tuple[str, ...]
    villages: tuple[str, ...]


@functools.cache
def _made() -> tuple[Province, founding.Rows]:
    known = founding.read_divisions()
    villages: list[str] = list(_NAMED_VILLAGES)
    for township in _TOWNSHIPS:
        own = [d.code for d in known if d.tier == "village" and d.parent_code == township]
        missing = _VILLAGES_EACH - sum(code in own for code in villages)
        villages += [code for code in own if code not in villages][:missing]
    above = {lift(village, tier) for village in villages for tier in TIERS}
    held = [d for d in known if d.code in above]
    tiers = [tuple(d.code for d in held if d.tier == tier) for tier in TIERS[2:]]
    return Province(*tiers), founding.rows(held, lines(), on=FOUNDED)


def found() -> Province:
    """Write the small province into the store, in the running transaction."""
    province, made = _made()
    named = "id code line tier division_code name_zh name_en named_from valid_from"
    tables = {
        "orgs_division": ("code name name_en tier parent_code valid_from", made.divisions),
        "orgs_unit": (named, made.units),
        "orgs_post": ("id unit_id code title", made.posts),
        "orgs_person": ("id number name", made.people),
        "orgs_appointment": ("id person_id post_id valid_from", made.appointments),
        "orgs_jurisdiction": ("id unit_id line area_code kind valid_from", made.jurisdictions),
    }
    for table, (columns, rows) in tables.items():
        copy(table, columns.split(), rows)
    with connection.cursor() as cursor:
        # A count that stands from another test, of a store without people, would be planned by: a
        # join of four tables went through every combination of their rows, for minutes.
        cursor.execute("analyze " + ", ".join(tables))
    forget_jurisdictions()
    return province


def unit(code: str) -> UnitRef:
    """Return the unit of that code, such as ``emergency@331081``."""
    held = unit_by_code(code, on=FOUNDED)
    assert held is not None, f"the small province has no unit {code!r}"
    return held


def person(unit_code: str, post: str = "duty") -> PersonRef:
    """Return who holds a post of a unit: ``duty``, ``second_duty`` or ``head``."""
    people = people_of_unit(unit(unit_code).id, on=FOUNDED)
    return next(p for p in people if p.post_code == post)


@functools.cache
def _encoded_password(hasher: str) -> str:
    # Hashing is slow on purpose; the accounts of tests share one word, so they share its hash.
    # Some tests choose a quick way of hashing, which the others do not know.
    return make_password(PASSWORD)


def user_for(
    unit_code: str, post: str = "duty", username: str = "", *, language: str = "zh-CN"
) -> User:
    """Make an account for whoever holds a post; its password is ``PASSWORD``."""
    return User.objects.create(
        username=username or f"{post}.{unit_code}",
        password=_encoded_password(settings.PASSWORD_HASHERS[0]),
        person_id=person(unit_code, post).id,
        language=language,
        # The word stands above, for everybody to read: like a demonstration's, it asks for no more.
        printed_password=True,
    )


def begin_exercise(*, at: datetime = EVENING) -> Realm:
    """Begin an exercise whose clock shows ``at``."""
    id = new_id()
    realm = exercise(id)
    Exercise.objects.create(
        realm=realm, id=id, package="flood_response", title="", asked=str(id),
        started_at=at, begins_at=at, now_at=at,
    )  # fmt: skip
    return realm


def household(
    key: str,
    village: str = LIRUO,
    *,
    realm: Realm = LIVE,
    evacuate_from: str = "orange",
    persons: int = 3,
    at: datetime = EVENING,
) -> UUID:
    """Record an invented household on the must-move list and return its id."""
    # The key is the whole of what tells two households of a test apart.
    body: dict[str, object] = {
        "household_no": key, "head_name": "林某01", "address": "某村1号", "persons": persons,
        "vulnerable": False, "risk_kind": "seawall", "evacuate_from": evacuate_from,
        "helper_name": "陈某02", "shelter_no": f"SH{village[:9]}01",
    }  # fmt: skip
    new = NewObject(key=key, division_code=village, lon=121.6, lat=28.3, body=body)
    record(realm, "flood_response.household", [new], at=at, actor="test")

    return RegistryObject.objects.values_list("id", flat=True).get(
        realm=realm, type="flood_response.household", key=key
    )


def open_case(
    *,
    realm: Realm = LIVE,
    county: str = WENLING,
    level: str = "orange",
    matter: str = "",
    data: Mapping[str, object] | None = None,
    at: datetime = EVENING,
) -> UUID:
    """Open a county's response to a storm at a level, as the brain would, and return its case."""
    about = matter or f"LEKIMA/{county}"
    return flows.open_case(
        realm, package="flood_response", process="county_response", matter=about,
        division_code=county, level=level, at=at,
        data={"alert_level": level, "alert_over": False, "matter": about, **(data or {})},
    )  # fmt: skip


def holder(task: Task, post: str = "duty") -> UUID:
    """Return the id of whoever has that post in the unit that holds the task."""
    people = people_of_unit(task.unit_id, on=FOUNDED)
    return next(p.id for p in people if p.post_code == post)


def open_task(case_id: UUID, item: str) -> Task:
    """Return the task of that step, or item of a plan, that somebody must act on now."""
    return Task.objects.get(case_id=case_id, item=item, state__in=flows.ACTIVE)


def do_step(
    case_id: UUID,
    item: str,
    *,
    post: str = "duty",
    at: datetime = EVENING,
    **answers: object,
) -> UUID:
    """Let the holder of the open step accept it and report it done; return who did it."""
    task = open_task(case_id, item)
    by, realm = holder(task, post), Realm(task.realm)
    assert flows.accept(realm, {task.id: by}, at=at) == [task.id]
    assert flows.complete(realm, {task.id: by}, at=at, answers=answers) == [task.id]
    return by


def activate(case_id: UUID, *, level: str = "orange", at: datetime = EVENING) -> None:
    """Bring a fresh case through advice, order, proposal and approval, so that its plan runs."""
    do_step(case_id, "advise", at=at, advice="a")
    do_step(case_id, "control", at=at, measures="m")
    do_step(case_id, "propose", at=at, response_level=level, grounds="g")
    do_step(case_id, "approve", at=at, approved="yes")
    do_step(case_id, "brief_city", at=at, situation="s")


def settle_plans(case_id: UUID, *, at: datetime = EVENING) -> int:
    """Let every open task of plans be accepted, done and verified; return how many there were."""
    tasks = list(Task.objects.filter(case_id=case_id, kind="plan", state__in=flows.ACTIVE))
    realm = Realm(tasks[0].realm) if tasks else LIVE
    doers: dict[UUID, UUID | None] = {}
    verifiers: dict[UUID, UUID | None] = {}
    for task in tasks:
        people = [p.id for p in people_of_unit(task.unit_id, on=FOUNDED)]
        doers[task.id] = flows.choose(people, without=[task.finder_id, task.opener_id])
        if task.verifier_id is not None:
            own = [doers[task.id], task.finder_id, task.opener_id]
            others = [p.id for p in people_of_unit(task.verifier_id, on=FOUNDED)]
            verifiers[task.id] = flows.choose(others, without=own)
    flows.accept(realm, doers, at=at)
    flows.complete(realm, doers, at=at)
    flows.verify(realm, verifiers, at=at)
    return len(tasks)


def expose(
    levels: Mapping[str, str], *, realm: Realm = LIVE, at: datetime = EVENING, storm: str = "LEKIMA"
) -> UUID:
    """Land what a storm means for counties at one time, and return the run.

    The winds are such that the rule answers the level named for each county. Needs ``lake``.
    """
    contract = data.contract_of("flood_response.county_exposure")
    batch = data.check_rows(
        contract,
        [_exposed(storm, county, level, at) for county, level in sorted(levels.items())],
    )
    assert not batch.rejected, batch.rejected
    landing = data.land(
        contract, batch.rows, realm=realm, batch_key=str(new_id()), at=at, actor="test"
    )
    return landing.id


# The mean wind that gives each level, and within how many hours (rules/typhoon_signal.dmn).
_WINDS = {
    "none": (5.0, 24), "blue": (11.0, 24), "yellow": (18.0, 24), "orange": (25.0, 12),
    "red": (33.0, 6),
}  # fmt: skip


def _exposed(storm: str, county: str, level: str, at: datetime) -> dict[str, object]:
    wind, hours = _WINDS[level]
    return {
        "track_id": storm, "division_code": county, "observed_at": at.isoformat(),
        "distance_km": 200.0 - 10 * list(_WINDS).index(level), "closest_km": 20.0,
        "hours_to_arrival": 6.0,
        "wind_now_ms": 5.0, "gust_6h_ms": None, "gust_12h_ms": None, "gust_24h_ms": None,
        **{f"wind_{h}h_ms": wind if h >= hours else 5.0 for h in (6, 12, 24)},
        "coastal": True, "wind_source": "reported", "vmax_ms": 40.0, "pc_hpa": 950.0,
        "motion_ms": 5.0, "course_deg": 310.0, "gradient_ms": None, "rmax_km": None,
        "holland_b": None,
    }  # fmt: skip


def deliver(realm: Realm = LIVE) -> int:
    """Hand on every fact that waits, and return how many there were."""
    count = 0
    while deliver_one(realm):
        count += 1
    return count


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Make the calls in threads that start together; return what each gave back or raised.

    Each thread has a connection, so the test needs ``django_db(transaction=True)``.
    """
    ready = threading.Barrier(len(calls))
    answers: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            ready.wait(10)
            answers[place] = call()
        except Exception as raised:  # noqa: BLE001 - the test looks at what was raised
            answers[place] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=given) for given in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "two at once wait for each other"
    return answers


@functools.cache
def _install() -> None:
    from guantong.main.wiring import install_folder

    install_folder(settings.APPS_FOLDER)


@pytest.fixture
def province(db: None) -> Iterator[Province]:
    """The small province, for one test."""
    yield found()
    forget_jurisdictions()


@pytest.fixture
def flood() -> Package:
    """The flood application, installed once in this process."""
    _install()
    package = installed("flood_response")
    assert package is not None, "the folder of applications holds flood_response"
    return package


@pytest.fixture
def realm(province: Province) -> Realm:
    """An exercise whose clock shows the evening before the storm."""
    return begin_exercise()


@pytest.fixture
def lake(tmp_path: Path, settings: Any) -> Path:
    """A lake of the test's own."""
    settings.LAKE = tmp_path / "lake"
    return tmp_path / "lake"


@pytest.fixture
def small_map(province: Province, flood: Package) -> Iterator[None]:
    """The datasets of places that the kernel brings, cut to the small province."""
    from guantong.main import wiring

    whole = wiring._counties()
    kept = [code in province.counties for code in whole["division_code"].to_pylist()]
    data.bring_dataset("base.county", lambda: whole.filter(kept))
    wiring._divisions.cache_clear()  # another test may have asked in another province
    yield
    data.bring_dataset("base.county", wiring._counties)
    wiring._divisions.cache_clear()
