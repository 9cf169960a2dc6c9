"""Nothing acknowledged is lost (promise P6) while people work and processes are killed.

One installation with two workers. People sign in, accept, complete and verify tasks, land storms
and look at lists through HTTP, all at once, and somebody listens to the live stream; timers of
earlier cases go off. Each round kills one process with kill -9 at a moment drawn from a fixed
seed. Whatever the platform had answered with "done" must stand in the store afterwards, every
fact must have been handed on, every timer have gone off once, and the log must verify.

GUANTONG_KILLS says how many rounds.
"""

import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest
import requests
from django.conf import settings
from lxml import html
from tests.journeys.installation import ROOT, Installation, Running, installation
from tests.journeys.test_kill import postmaster

from guantong.main.home import Home
from guantong.main.postgres import socket_folder

pytestmark = [pytest.mark.province, pytest.mark.xdist_group("province")]

ROUNDS = int(os.environ.get("GUANTONG_KILLS", "2"))
SEED = int(os.environ.get("GUANTONG_KILLS_SEED", "2019"))
PORT = int(os.environ.get("GUANTONG_KILLS_PORT", "8431"))
PASSWORD = "guantong-demo-2026"
# Whoever acts: units that hold tasks of Wenling's cases.
PEOPLE = ("wenling", "wenling-second", "wenling-head", "wenling-water", "shitang", "cangnan",
          "taizhou")  # fmt: skip
# Those the issue names first; the others are beneath them.
VICTIMS = ("web", "worker", "gateway", "web-child", "worker-2", "backend", "gateway-child",
           "worker")  # fmt: skip
STAMPS = {"accept": "accepted_at", "complete": "completed_at", "verify": "verified_at"}
CALM_SECONDS = 120
# The waits of the earlier cases end while processes are killed, and not all at once.
FIRST_TIMER, TIMER_EVERY = (30.0, 3.0) if ROUNDS < 10 else (45.0, 30.0)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Something the platform has said was done."""

    what: str
    of: str
    by: str


@dataclass(slots=True)
class Load:
    """What all people together have done so far."""

    base: str
    stop: threading.Event = field(default_factory=threading.Event)
    done: list[Acknowledged] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    streamed: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, what: str, of: str, by: str) -> None:
        """Note what was answered with "done"."""
        with self._lock:
            self.done.append(Acknowledged(what, of, by))

    def count(self, status: object) -> None:
        """Count an answer by its status, or a request without one."""
        with self._lock:
            self.answers[str(status)] += 1


class Person:
    """Somebody with a browser who goes on working whatever happens to the machine."""

    def __init__(self, load: Load, name: str) -> None:
        self.load, self.name = load, name
        self.chance = random.Random(f"{SEED}/{name}")
        self.session: requests.Session | None = None

    def work(self) -> None:
        """Work until told to stop."""
        while not self.load.stop.is_set():
            try:
                self.act()
            except requests.RequestException:
                self.load.count("no answer")
                time.sleep(0.2)
            time.sleep(self.chance.random() * 0.1)

    def act(self) -> None:
        """Do one thing: sign in, or take up something of the inbox."""
        if self.session is None or self.chance.random() < 0.03:
            self.sign_in()
            return
        inbox = self.get(f"/inbox?show={self.chance.choice(['unit', 'mine', 'verify'])}")
        if inbox is None:
            return
        ids = sorted(set(re.findall(r"/tasks/([0-9a-f-]{36})", inbox.text)))
        if not ids:
            self.get("/cases")
            return
        id = self.chance.choice(ids)
        task = self.get(f"/tasks/{id}")
        if task is not None:
            self.do(id, task)

    def sign_in(self) -> None:
        """Sign in; the session is acknowledged by the page that follows."""
        session = requests.Session()
        session.get(f"{self.load.base}/sign-in", timeout=10)
        token = session.cookies.get(settings.CSRF_COOKIE_NAME, "")
        answer = session.post(
            f"{self.load.base}/sign-in", timeout=20, allow_redirects=False,
            data={"username": self.name, "password": PASSWORD, "next": "/",
                  "csrfmiddlewaretoken": token},
        )  # fmt: skip
        self.load.count(answer.status_code)
        if answer.status_code == 302:
            self.session = session
            self.load.acknowledged(
                "sign-in", session.cookies[settings.SESSION_COOKIE_NAME], self.name
            )

    def get(self, path: str) -> requests.Response | None:
        """Read a page; one that sends back to the sign-in page ends the session."""
        assert self.session is not None
        answer = self.session.get(f"{self.load.base}{path}", timeout=20, allow_redirects=False)
        self.load.count(answer.status_code)
        if answer.status_code == 302 and "/sign-in" in answer.headers["Location"]:
            self.session = None
        return answer if answer.status_code == 200 else None

    def do(self, id: str, page: requests.Response) -> None:
        """Press a button of a task's page, with something in every field."""
        assert self.session is not None
        for form in html.fromstring(page.text).forms:
            acts = [b.get("value") for b in form.xpath(".//button[@name='act']")]
            wanted = [act for act in acts if act in STAMPS]
            if not wanted:
                continue
            values = {"act": self.chance.choice(wanted), **filled(form)}
            answer = self.session.post(
                f"{self.load.base}{form.action}", data=values, timeout=20, allow_redirects=False
            )
            self.load.count(answer.status_code)
            if answer.status_code == 302 and "/sign-in" not in answer.headers["Location"]:
                self.load.acknowledged(values["act"], id, self.name)
            return


def filled(form: Any) -> dict[str, str]:
    """Return a value for every field of a form."""
    values: dict[str, str] = {}
    for element in form.xpath(".//input|.//textarea|.//select"):
        name, kind = element.get("name"), element.get("type", element.tag)
        if name is None:
            continue
        if kind in ("hidden", "checkbox"):
            values[name] = element.get("value", "")
        elif kind == "radio":
            values.setdefault(name, element.get("value", ""))
        elif element.tag == "select":
            values[name] = next(o for o in element.value_options if o)
        else:
            values[name] = "演练"
    return values


class Forecaster(Person):
    """Lands a storm now and then: facts, a derived dataset, alerts, cases and tasks follow."""

    landed = 0

    def act(self) -> None:
        """Land the next storm."""
        if self.session is None:
            self.sign_in()
            return
        name = f"LOAD{SEED}{self.landed:03d}"
        if self.get("/data/flood_response.typhoon_track") is None:
            return
        answer = self.session.post(
            f"{self.load.base}/data/flood_response.typhoon_track", timeout=60,
            files={"file": (f"{name}.csv", storm(name), "text/csv")}, allow_redirects=False,
            data={"csrfmiddlewaretoken": self.session.cookies.get(settings.CSRF_COOKIE_NAME, "")},
        )  # fmt: skip
        self.load.count(answer.status_code)
        if answer.status_code == 302:
            self.load.acknowledged("land", answer.headers["Location"][-36:], self.name)
            self.landed += 1
            # Fast enough that facts are always on their way, slow enough for two busy cores.
            self.load.stop.wait(8 if ROUNDS < 10 else 20)


def storm(id: str) -> str:
    """Return a storm that nears Wenling now, and whose last point was measured just now."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)  # noqa: TID251 - real time
    points = ((18, 124.0, 26.0, 85), (12, 123.2, 26.9, 90), (6, 122.4, 27.7, 90))
    rows = [
        f"{id},{now.year},WP,{now - timedelta(hours=h):%Y-%m-%d %H:%M:%S},{lon},{lat},{wind},950"
        for h, lon, lat, wind in points
    ]
    return "track_id,season,basin,time,lon,lat,wind,slp\n" + "\n".join(rows) + "\n"


class Listener(Person):
    """Keeps a cockpit open."""

    def act(self) -> None:
        """Listen until the stream breaks."""
        if self.session is None:
            self.sign_in()
            return
        url = f"http://127.0.0.1:{PORT + 1}/streams/live/330000000000"
        with self.session.get(url, stream=True, timeout=30) as stream:
            self.load.count(stream.status_code)
            for line in stream.iter_lines():
                self.load.streamed += line.startswith(b"data:")
                if self.load.stop.is_set():
                    return


@dataclass(slots=True)
class Scene:
    """The installation, what runs in it, and who works with it."""

    own: Installation
    running: Running
    load: Load
    environment: dict[str, str]

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
    with installation() as own:
        more = {
            "GUANTONG_APPS": str(apps), "GUANTONG_PORT": str(PORT), "GUANTONG_WORKERS": "2",
        }  # fmt: skip
        seeded = [str(min(20, 6 + ROUNDS)), str(FIRST_TIMER), str(TIMER_EVERY)]
        subprocess.run(
            [sys.executable, "-m", "tests.journeys.load_seed", *seeded],
            env=own.environment(**more), cwd=ROOT, check=True,
        )  # fmt: skip
        running = own.start("up", **more)
        load = Load(f"http://127.0.0.1:{PORT}")
        scene = Scene(own, running, load, more)
        people = [Person(load, name) for name in PEOPLE]
        people += [Forecaster(load, "forecaster"), Listener(load, "province")]
        threads = [threading.Thread(target=person.work, daemon=True) for person in people]
        try:
            wait(lambda: answers(scene), "the pages answer")
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


def test_afterwards_every_fact_was_handed_on_every_timer_went_off_and_the_log_verifies(
    scene: Scene,
) -> None:
    last_timer = scene.ask("select max(due_at) from flows_timer")[0][0]
    wait(lambda: datetime.now(UTC) > last_timer, "the last timer is due", 600)  # noqa: TID251
    scene.load.stop.set()

    with suppress(AssertionError):
        wait(lambda: what_waits(scene) == [], "all facts are handed on")
    assert what_waits(scene) == []

    acknowledged = list(scene.load.done)
    assert missing(scene, acknowledged) == []
    assert scene.ask("select event, fault from base_outboxmessage where state = 'dead'") == []
    assert unheard_landings(scene) == []
    assert untold_tasks(scene) == []
    assert timers_gone_off_otherwise_than_once(scene) == []
    numbers = scene.ask("select realm, number from flows_case group by 1, 2 having count(*) > 1")
    assert numbers == []
    audited = scene.own.run("check", "audit", **scene.environment)
    assert audited.code == 0, audited
    counted = Counter(a.what for a in acknowledged)
    timers = scene.ask("select count(*) from flows_timer where state = 'done'")[0][0]
    facts = scene.ask("select count(*), sum(attempts) from base_outboxmessage")[0]
    print(  # noqa: T201 - shown with -s, the record of a long run
        "acknowledged", dict(counted), "answers", dict(scene.load.answers), "timers", timers,
        "facts", facts, "streamed", scene.load.streamed, audited.out.strip().splitlines()[0],
    )  # fmt: skip
    assert {"accept", "complete", "land", "sign-in"} <= set(counted)
    assert scene.load.streamed > 0
    assert timers > 0


def what_waits(scene: Scene) -> list[tuple[Any, ...]]:
    """Return the facts of the live realm that wait and the timers that are due, with faults."""
    return scene.ask(
        "select event, subject, attempts, right(fault, 600) from base_outboxmessage"
        " where realm = 'live' and state = 'waiting' union all"
        " select 'timer', case_id::text, attempts, right(fault, 600) from flows_timer"
        " where state = 'waiting' and due_at < now()"
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

    def stands(one: Acknowledged) -> bool:
        if one.what == "land":
            return one.of in runs
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
