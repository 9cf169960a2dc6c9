"""Make the store fixture of a release: what its own code leaves behind in the middle of its work.

Run it with the code of that release, before the next one changes a table:

    PYTHONPATH=<checkout of the release>/src:<checkout of the release> \\
        python tools/make_store_fixture.py tests/fixtures/store_0_1_0.zip

The province is the small one of ``tests/province.py``. All that an upgrade must carry over is under
way in it: cases and tasks in every state, a timer, facts that wait and one that was laid aside, an
exercise that was interrupted, accounts, sessions, leaves with and without a place, landed runs.
``expected.json`` in the fixture says what that was, and what the exercise comes to.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from uuid import UUID

HOME = Path(tempfile.mkdtemp(prefix="guantong-fixture-"))
os.environ |= {
    "GUANTONG_HOME": str(HOME),
    "DJANGO_SETTINGS_MODULE": "guantong.main.settings",
    "GUANTONG_DEMO_PASSWORD": "guantong-demo-2026",
}
os.environ.pop("DATABASE_URL", None)
# Passes close by Wenling and goes out to sea. Invented.
TRACK = """track_id,season,basin,time,lon,lat,wind,slp
FIXTURE,2020,WP,2020-08-02 00:00:00,123.6,26.0,70,970
FIXTURE,2020,WP,2020-08-02 06:00:00,122.6,27.2,75,965
FIXTURE,2020,WP,2020-08-02 12:00:00,122.2,28.3,75,965
FIXTURE,2020,WP,2020-08-02 18:00:00,122.6,29.6,65,975
FIXTURE,2020,WP,2020-08-03 00:00:00,123.8,31.0,55,985
"""
# Of every table whose rows an upgrade must not lose; what else there is may change its form.
COUNTED = (
    "flows_case", "flows_task", "audit_leaf", "orgs_unit", "orgs_person", "orgs_appointment",
    "access_user", "registry_object", "base_exercise",
)  # fmt: skip


# What a replay answers, but for what it cost.
TOLD = ("counties", "alerts", "cases", "tasks", "unresolved")
HIGH = ("province", "city", "county")


class Interrupted(Exception):
    """The exercise is left where it is."""


def main(target: Path) -> None:
    """Fill a home as the release would, and write the fixture."""
    from guantong.main import store
    from guantong.main.home import Home
    from guantong.main.postgres import Server, _binary, socket_folder

    track = HOME / "track.csv"
    track.write_text(TRACK, encoding="utf-8")
    home = Home(HOME)
    with Server(home):
        with store.running():
            expected = fill(track)
        dump = HOME / "store.dump"
        subprocess.run(
            [_binary("pg_dump"), "--format=custom", "--compress=gzip:9", "--no-owner",
             "--no-privileges", "-h", str(socket_folder(home)), "-U", "postgres", "-f", str(dump),
             "postgres"],
            check=True,
        )  # fmt: skip
        # What the exercise comes to when nobody interrupts it for good: the release's own answer.
        done = subprocess.run(
            [sys.executable, "-m", "guantong.main.cli", "replay", "flood_response", "--json",
             "--track", str(track)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        told = json.loads(done.stdout.strip().splitlines()[-1])
        expected["exercise"] = {name: told[name] for name in TOLD}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        made.write(dump, "store.dump", compress_type=zipfile.ZIP_STORED)
        made.write(track, "track.csv")
        made.write(HOME / "secret_key", "secret_key")
        made.writestr("expected.json", json.dumps(expected, ensure_ascii=False, indent=1))
        with zipfile.ZipFile(LAKE, "r") as lake:
            for name in lake.namelist():
                made.writestr(f"lake/{name}", lake.read(name))
    print(f"{target}: {target.stat().st_size} bytes")
    shutil.rmtree(HOME)


LAKE = HOME / "lake.zip"


def fill(track: Path) -> dict[str, object]:
    """Bring the store into the middle of its work; return what was left under way."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import Client
    from tests import province

    from guantong.access.api import create_demo_accounts
    from guantong.audit.api import sequence
    from guantong.base import clock, outbox
    from guantong.base.installation import installation_id
    from guantong.base.realm import LIVE
    from guantong.flows import api as flows
    from guantong.flows.models import Case, Task, Timer
    from guantong.main import packages, wiring
    from guantong.packages import api

    now = clock.machine_now()
    call_command("migrate", verbosity=0)
    installation_id(at=now)
    with transaction.atomic():
        _found(province)
    create_demo_accounts(clock.local_day(now))
    wiring.install_packages()

    def case(county: str, matter: str) -> UUID:
        return province.open_case(county=county, matter=matter, at=now)

    households = [
        province.household(f"HH3310811052290{n}", village, at=now)
        for n, village in enumerate((province.LIRUO, province.DONGXING, province.LIRUO), start=1)
    ]
    assert households
    # A case in every stage: closed, opened, proposed, under way, waiting for a timer.
    closed = _closed(province.QINGYUAN, at=now - timedelta(days=2))
    opened = case(province.WENLING, "fixture/opened")
    proposed = case(province.YUHUAN, "fixture/proposed")
    acting = case(province.WENLING, "fixture/acting")
    observing = case(province.CANGNAN, "fixture/observing")
    province.do_step(proposed, "advise", at=now, advice="请加强防范")
    province.do_step(proposed, "control", at=now, measures="落实巡查")
    province.activate(acting, at=now)
    # Its three hours of watching are over, but nobody has looked at the clock since.
    earlier = now - timedelta(hours=4)
    province.activate(observing, at=earlier)
    province.settle_plans(observing, at=earlier)
    flows.change_level(LIVE, observing, level="none", over=True, at=earlier)
    while sequence():
        pass
    # Every fact so far is handed on; the later ones wait.
    province.deliver()
    fresh = Task.objects.filter(case_id=acting, kind="plan", state="dispatched")
    tasks = list(fresh.order_by("id"))
    assert len(tasks) >= 6, len(tasks)
    accepted, done, verified, returned = tasks[0], tasks[1], tasks[2], tasks[3]
    for task in (accepted, done, verified):
        flows.accept(LIVE, {task.id: province.holder(task, _post(task))}, at=now)
    for task in (done, verified):
        flows.complete(LIVE, {task.id: province.holder(task, _post(task))}, at=now)
    verified.refresh_from_db()
    if verified.verifier_id is not None:
        people = [p.id for p in province.people_of_unit(verified.verifier_id, on=province.FOUNDED)]
        other = flows.choose(people, without=[verified.doer_id, verified.finder_id])
        flows.verify(LIVE, {verified.id: other}, at=now)
    back = {returned.id: province.holder(returned, _post(returned))}
    assert flows.send_back(LIVE, back, reason="车辆不足", at=now), "the task was not sent back"
    province.expose({province.CANGNAN: "yellow"}, at=now)

    # The exercise is interrupted in its middle.
    package = api.read(settings.APPS_FOLDER / "flood_response")
    realm = api.begin(package, packages.inputs(package, {"track": track}), at=now)
    turns = 0

    def progress(_: object) -> None:
        nonlocal turns
        turns += 1
        if turns == 12:
            raise Interrupted

    try:
        api.play(package, realm, progress=progress)
    except Interrupted:
        pass
    else:
        raise SystemExit(f"the exercise ended after {turns} turns")

    # A fact that its subscriber refuses for good, and two that nobody has handed on yet.
    with connection.cursor() as cursor:
        cursor.execute(
            "select seq from base_outboxmessage where realm = 'live' and state = 'waiting'"
            " order by seq"
        )
        waiting = [row[0] for row in cursor.fetchall()]
    assert len(waiting) >= 2, waiting
    for _ in range(outbox.MOST_ATTEMPTS):
        try:
            raise ValueError("the subscriber of this fact was wrong")
        except ValueError as fault:
            outbox._note_failure(waiting[0], f"Traceback\nValueError: {fault}")

    browser = Client(SERVER_NAME="127.0.0.1")
    signed_in = browser.post(
        "/sign-in", {"username": "wenling", "password": os.environ["GUANTONG_DEMO_PASSWORD"]}
    )
    assert signed_in.status_code == 302, signed_in.status_code

    shutil.make_archive(str(LAKE.with_suffix("")), "zip", settings.LAKE)
    with connection.cursor() as cursor:
        counts = {}
        for table in COUNTED:
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - names from above
            counts[table] = cursor.fetchone()[0]
        cursor.execute("select state, count(*) from base_outboxmessage group by state")
        facts = dict(cursor.fetchall())
        cursor.execute("select count(*) filter (where seq is null) from audit_leaf")
        unplaced = cursor.fetchone()[0]
        cursor.execute("select chain_hash from audit_entry order by seq desc limit 1")
        head = bytes(cursor.fetchone()[0]).hex()
    return {
        "release": "0.1.0",
        "made_at": now.isoformat(),
        "counts": counts,
        "facts": facts,
        "leaves_without_place": unplaced,
        "head": head,
        "realm": realm,
        "session": browser.cookies[settings.SESSION_COOKIE_NAME].value,
        "cases": {
            "opened": str(opened), "proposed": str(proposed), "acting": str(acting),
            "observing": str(observing), "closed": str(closed),
        },
        "case_states": {str(c.id): c.state for c in Case.objects.filter(realm=LIVE)},
        "task_states": {str(t.id): t.state for t in Task.objects.filter(realm=LIVE)},
        "timers": Timer.objects.count(),
    }  # fmt: skip


def _found(province: ModuleType) -> None:
    """Found the small province and every other county above its townships: storms are wide."""
    from guantong.orgs import founding
    from guantong.orgs.api import lines

    small, _ = province._made()
    low = {*small.villages, *small.townships}
    held = [d for d in founding.read_divisions() if d.code in low or d.tier in HIGH]
    made = founding.rows(held, lines(), on=province.FOUNDED)
    province._made = lambda: (small, made)
    province.found()


def _closed(county: str, *, at: datetime) -> UUID:
    """Bring a case to its end, as its officers would, and return it."""
    from tests import province

    from guantong.base.realm import LIVE
    from guantong.flows import api as flows

    id = province.open_case(county=county, matter="fixture/closed", at=at)
    province.activate(id, at=at)
    province.settle_plans(id, at=at)
    flows.change_level(LIVE, id, level="none", over=True, at=at)
    later = at + timedelta(hours=4)
    flows.run_due(LIVE, later)
    province.do_step(id, "approve_return", at=later, approved="yes")
    province.do_step(id, "review", at=later, outcome="confirmed", lessons="及时转移")
    province.do_step(id, "confirm_review", at=later, approved="yes")
    province.settle_plans(id, at=later)
    return id


def _post(task: object) -> str:
    from tests import province

    people = province.people_of_unit(task.unit_id, on=province.FOUNDED)
    posts = {p.post_code for p in people}
    return next(post for post in ("duty", "head", "second_duty") if post in posts)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
