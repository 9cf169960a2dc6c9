"""Nothing acknowledged is lost (promise P6) while people work and processes are killed.

One installation with two workers. People (``load_people``) sign in, accept, complete and verify
tasks, add files to them, appoint officers, write notices, land storms and look at lists through
HTTP, all at once, and somebody listens to the live stream; timers of earlier cases go off; notices
leave by a hook to a system of the bureau. Each round kills one process with kill -9 at a moment
drawn from a fixed seed. Whatever the platform had answered with "done" must stand in the store
afterwards, every fact must have been handed on, every timer have gone off once, the system outside
must have taken each message once and none less, and the log must verify.

GUANTONG_KILLS says how many rounds.
"""

import hashlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest
import requests
from tests.journeys.installation import ROOT, Installation, Running, installation
from tests.journeys.load_people import (
    PORT,
    ROUNDS,
    SEED,
    STAMPS,
    Acknowledged,
    Appointer,
    Filer,
    Forecaster,
    Listener,
    Load,
    Person,
    Writer,
)
from tests.journeys.test_kill import postmaster
from tests.kernel.notices.loopback import Receiver, receiver

from guantong.main.home import Home
from guantong.main.postgres import socket_folder

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("province")]

# Whoever acts: units that hold tasks of Wenling's cases.
PEOPLE = ("wenling", "wenling-second", "wenling-head", "wenling-water", "shitang", "cangnan",
          "taizhou")  # fmt: skip
# Those the issue names first; the others are beneath them.
VICTIMS = ("web", "worker", "gateway", "web-child", "worker-2", "backend", "gateway-child",
           "worker")  # fmt: skip
CALM_SECONDS = 120
# The waits of the earlier cases end while processes are killed, and not all at once.
FIRST_TIMER, TIMER_EVERY = (30.0, 3.0) if ROUNDS < 10 else (45.0, 30.0)


@dataclass(slots=True)
class Scene:
    """The installation, what runs in it, and who works with it."""

    own: Installation
    running: Running
    load: Load
    environment: dict[str, str]
    outside: Receiver

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the store behind the platform's back; wait for it where it is being recovered."""
        until = time.monotonic() + CALM_SECONDS
        while True:
            try:
                with psycopg.connect(
                    host=str(socket_folder(Home(self.own.home))), user="postgres",
                    dbname="postgres", connect_timeout=5,
                ) as connection:  # fmt: skip
                    return connection.execute(sql, values).fetchall()  # type: ignore[arg-type]
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """An installation under load; it goes on through all rounds."""
    apps = tmp_path_factory.mktemp("apps")
    shutil.copytree(ROOT / "apps" / "flood_response", apps / "flood_response")
    (apps / "flood_response" / "replay.yaml").unlink()  # no exercise beside the load
    channels = tmp_path_factory.mktemp("channels") / "channels.yaml"
    with installation() as own, receiver() as outside:
        channels.write_text(
            f"channels: {{bus: {{type: hook, url: '{outside.url}', per_minute: 6000}}}}", "utf-8"
        )
        more = {
            "GUANTONG_APPS": str(apps), "GUANTONG_PORT": str(PORT), "GUANTONG_WORKERS": "2",
            "GUANTONG_CHANNELS": str(channels),
        }  # fmt: skip
        seeded = [str(min(20, 6 + ROUNDS)), str(FIRST_TIMER), str(TIMER_EVERY)]
        subprocess.run(
            [sys.executable, "-m", "tests.journeys.load_seed", *seeded],
            env=own.environment(**more), cwd=ROOT, check=True,
        )  # fmt: skip
        running = own.start("up", **more)
        load = Load(f"http://127.0.0.1:{PORT}")
        scene = Scene(own, running, load, more, outside)
        appointer = Appointer(load, "wenling-head")
        people = [Person(load, name) for name in PEOPLE]
        people += [Forecaster(load, "forecaster"), Listener(load, "province"), appointer]
        people += [Writer(load, "wenling"), Filer(load, "wenling-water")]
        threads = [threading.Thread(target=person.work, daemon=True) for person in people]
        try:
            wait(lambda: answers(scene), "the pages answer")
            appointer.unit = scene.ask("select id from orgs_unit where code = 'water@331081'")[0][0]
            for thread in threads:
                thread.start()
            yield scene
        finally:
            load.stop.set()
            for thread in threads:
                if thread.ident is not None:
                    thread.join(60)
            running.process.send_signal(signal.SIGTERM)
            if not running.ended(60):
                running.process.kill()


def wait(true: Callable[[], object], what: str, seconds: float = CALM_SECONDS) -> None:
    """Wait until something is true; a busy machine may be slow."""
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.2)


def answers(scene: Scene) -> bool:
    """Say whether pages and streams are served."""
    for port in (PORT, PORT + 1):
        try:
            if requests.get(f"http://127.0.0.1:{port}/healthz", timeout=2).status_code != 200:
                return False
        except requests.RequestException:
            return False
    return True


def children(scene: Scene) -> dict[str, psutil.Process]:
    """Return the processes of this installation, and of no other, by what they do."""
    found: dict[str, psutil.Process] = {}
    for child in psutil.Process(scene.running.process.pid).children():
        with suppress(psutil.NoSuchProcess):
            line = child.cmdline()
            name = next((n for n, mark in (
                ("web", "guantong.main.wsgi:application"),
                ("gateway", "guantong.main.asgi:application"),
            ) if mark in line), None)  # fmt: skip
            if name is None and "guantong.main.worker" in line:
                name = line[-1]
            if name is None:
                continue
            found[name] = child
            for inner in child.children():
                found[f"{name}-child"] = inner
    server = postmaster(scene.own.home)
    if server is not None:
        backends = [c for c in server.children() if "[local]" in " ".join(c.cmdline())]
        if backends:
            found["backend"] = backends[0]
    return found


def kill(scene: Scene, victim: str) -> str:
    """End one process as kill -9 does; return which, or that it was not there."""
    found = children(scene).get(victim)
    if found is None:
        return f"nobody (no {victim})"
    with suppress(psutil.NoSuchProcess):
        found.kill()
    return victim


@pytest.mark.parametrize("round", range(ROUNDS))
def test_nothing_acknowledged_is_lost_when_a_process_is_killed_under_load(
    scene: Scene, round: int
) -> None:
    draw = random.Random(f"{SEED}/load/{round}")
    before = len(scene.load.done)
    wait(lambda: len(scene.load.done) > before + 2, "people get work done before the kill")

    time.sleep(draw.random() * 2)
    killed = kill(scene, VICTIMS[round % len(VICTIMS)])
    held = len(scene.load.done)
    wait(lambda: answers(scene), f"everything answers again after {killed}")
    wait(lambda: len(scene.load.done) > held + 2, f"people get work done after {killed}")

    told = f"round {round}: {killed} killed"
    acknowledged = list(scene.load.done)
    assert missing(scene, acknowledged) == [], told
    print(told, "acknowledged so far", len(acknowledged), dict(scene.load.answers))  # noqa: T201 - shown with -s, the record of a long run


EVERY_ACT = frozenset({"accept", "complete", "land", "sign-in", "appoint", "notice", "file"})


def test_afterwards_every_fact_was_handed_on_every_timer_went_off_and_the_log_verifies(
    scene: Scene,
) -> None:
    last_timer = scene.ask("select max(due_at) from flows_timer")[0][0]
    wait(lambda: datetime.now(UTC) > last_timer, "the last timer is due", 600)  # noqa: TID251
    # On a slow machine two rounds may be over before the rarer acts were asked for at all.
    wait(lambda: {a.what for a in list(scene.load.done)} >= EVERY_ACT, "every act was done", 300)
    scene.load.stop.set()

    settle(scene)

    acknowledged = list(scene.load.done)
    assert missing(scene, acknowledged) == []
    assert scene.ask("select event, fault from base_outboxmessage where state = 'dead'") == []
    assert unheard_landings(scene) == []
    assert untold_tasks(scene) == []
    assert timers_gone_off_otherwise_than_once(scene) == []
    numbers = scene.ask("select realm, number from flows_case group by 1, 2 having count(*) > 1")
    assert numbers == []
    assert messages_not_taken_once(scene) == []
    read = scene.own.run("check", "files", **scene.environment)
    assert read.code == 0, read
    audited = scene.own.run("check", "audit", **scene.environment)
    assert audited.code == 0, audited
    counted = Counter(a.what for a in acknowledged)
    timers = scene.ask("select count(*) from flows_timer where state = 'done'")[0][0]
    facts = scene.ask("select count(*), sum(attempts) from base_outboxmessage")[0]
    print(  # noqa: T201 - shown with -s, the record of a long run
        "acknowledged", dict(counted), "answers", dict(scene.load.answers), "timers", timers,
        "facts", facts, "streamed", scene.load.streamed, audited.out.strip().splitlines()[0],
    )  # fmt: skip
    assert scene.outside.taken
    assert scene.load.streamed > 0
    assert timers > 0


def settle(scene: Scene) -> None:
    """Wait until nothing waits any more, for as long as something still moves.

    How long that takes is a matter of the machine; that nothing moves is a fault on every machine.
    """
    moved, ended = time.monotonic(), -1
    while left := what_waits(scene):
        now = scene.ask(
            "select (select count(*) from base_outboxmessage where state <> 'waiting')"
            " + (select count(*) from flows_timer where state <> 'waiting')"
            " + (select count(*) from notices_delivery where ended_at is not null)"
        )[0][0]
        if now != ended:
            moved, ended = time.monotonic(), now
        assert time.monotonic() < moved + CALM_SECONDS, left
        time.sleep(0.5)


def messages_not_taken_once(scene: Scene) -> list[tuple[object, ...]]:
    """Return the messages that the system outside and the store do not agree about, by their key.

    A key that came twice was answered with 409 and not taken again; what it took and the store
    calls unsent, or the other way round, would be a message lost or told twice.
    """
    told = {
        key: set(states)
        for key, states in scene.ask(
            "select key::text, array_agg(distinct state) from notices_delivery"
            " where key is not null group by key"
        )
    }
    taken = scene.outside.taken.keys()
    sent = {key for key, states in told.items() if states == {"sent"}}
    # One whose sender was killed may have left before it became needless.
    ended = {key for key, states in told.items() if states <= {"sent", "withdrawn", "spared"}}
    return [
        *(("not taken", key) for key in sorted(sent - taken)),
        *(("not known", key) for key in sorted(taken - told.keys())),
        *(("not ended", key, states) for key, states in told.items() if key not in ended),
    ]


def what_waits(scene: Scene) -> list[tuple[Any, ...]]:
    """Return the facts of the live realm that wait and the timers that are due, with faults."""
    return scene.ask(
        "select event, subject, attempts, right(fault, 600) from base_outboxmessage"
        " where realm = 'live' and state = 'waiting' union all"
        " select 'timer', case_id::text, attempts, right(fault, 600) from flows_timer"
        " where state = 'waiting' and due_at < now() union all"
        " select 'message', channel, attempts, said from notices_delivery"
        " where state = 'sending' or state = 'queued' and (due_at < now() or key is not null)"
    )


def missing(scene: Scene, acknowledged: list[Acknowledged]) -> list[Acknowledged]:
    """Return what was acknowledged and does not stand in the store."""
    columns = ", ".join(f"{stamp} is not null" for stamp in STAMPS.values())
    tasks = {
        str(id): dict(zip(STAMPS, stamped, strict=True))
        for id, *stamped in scene.ask(f"select id, {columns} from flows_task")
    }
    runs = {str(id) for (id,) in scene.ask("select id from data_run where state = 'landed'")}
    sessions = {key for (key,) in scene.ask("select session_key from access_session")}

    appointed = {
        number
        for (number,) in scene.ask(
            "select p.number from orgs_person p join orgs_appointment a on a.person_id = p.id"
        )
    }
    notices = {
        str(id)
        for (id,) in scene.ask(
            "select n.id from notices_notice n join notices_receipt r on r.notice_id = n.id"
        )
    }
    files = {name for (name,) in scene.ask("select name from files_file")}
    held = {"land": runs, "appoint": appointed, "notice": notices, "file": files}

    def stands(one: Acknowledged) -> bool:
        if one.what in held:
            return one.of in held[one.what]
        if one.what == "sign-in":
            # The store holds a digest of the cookie and no cookie (access.sessions).
            return hashlib.sha256(one.of.encode()).hexdigest()[:40] in sessions
        return bool(tasks.get(one.of, {}).get(one.what, False))

    return [one for one in acknowledged if not stands(one)]


def unheard_landings(scene: Scene) -> list[UUID]:
    """Return landed storms from which nothing was derived: their fact was handled zero times."""
    rows = scene.ask(
        "select r.id from data_run r where r.dataset = 'flood_response.typhoon_track'"
        " and not exists (select from data_run d where d.dataset ="
        "  'flood_response.county_exposure' and d.batch_key = 'derived:' || r.id)"
    )
    return [id for (id,) in rows]


def untold_tasks(scene: Scene) -> list[UUID]:
    """Return tasks that no fact has told of."""
    rows = scene.ask(
        "select t.id from flows_task t where not exists (select from base_outboxmessage m,"
        " jsonb_array_elements_text(m.body->'task_ids') e where m.event = 'TasksDispatched'"
        " and m.subject = 'case_id:' || t.case_id and e = t.id::text)"
    )
    return [id for (id,) in rows]


def timers_gone_off_otherwise_than_once(scene: Scene) -> list[tuple[Any, ...]]:
    """Return timers done without the one task that follows, or with two."""
    return scene.ask(
        "select m.id, m.state, count(t.id) from flows_timer m left join flows_task t"
        " on t.case_id = m.case_id and t.item = 'approve_return'"
        " group by m.id, m.state having m.state <> 'done' or count(t.id) <> 1"
    )
