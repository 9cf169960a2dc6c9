"""People who work while processes are killed, each through HTTP, and what they were told is done.

Each is a thread with a browser's session. What the platform answers with "done" is noted under the
name by which it must be found in the store afterwards; what got no answer may have been done or
not, and is done again under another name.
"""

import os
import random
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import requests
from django.conf import settings
from lxml import html

ROUNDS = int(os.environ.get("GUANTONG_KILLS", "2"))
SEED = int(os.environ.get("GUANTONG_KILLS_SEED", "2019"))
PORT = int(os.environ.get("GUANTONG_KILLS_PORT", "8431"))
PASSWORD = "guantong-demo-2026"
STAMPS = {"accept": "accepted_at", "complete": "completed_at", "verify": "verified_at"}


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

    def send(self, path: str, *, files: Any = None, **fields: str) -> requests.Response:
        """Send a form with its token."""
        assert self.session is not None
        token = self.session.cookies.get(settings.CSRF_COOKIE_NAME, "")
        answer = self.session.post(
            f"{self.load.base}{path}", data={**fields, "csrfmiddlewaretoken": token}, files=files,
            timeout=30, allow_redirects=False,
        )  # fmt: skip
        self.load.count(answer.status_code)
        if answer.status_code == 302 and "/sign-in" in answer.headers["Location"]:
            self.session = None
        return answer

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


class Appointer(Person):
    """Brings a new officer into a unit every other second."""

    unit: UUID  # given by whoever sets the scene
    named = 0

    def act(self) -> None:
        """Appoint the next one; a number that got no answer is not used again."""
        if self.session is None:
            self.sign_in()
            return
        self.named += 1
        number = f"LOAD-{self.named:04d}"
        answer = self.send(
            f"/units/{self.unit}/appoint", number=number, name="演练员", post="staff", title="科员",
            kind="held", on=f"{datetime.now(UTC) + timedelta(hours=8):%Y-%m-%d}",  # noqa: TID251
        )  # fmt: skip
        if answer.status_code == 302 and "/units/" in answer.headers["Location"]:
            self.load.acknowledged("appoint", number, self.name)
        self.load.stop.wait(2)


class Writer(Person):
    """Writes an urgent notice to the own unit every other second: it leaves by every channel."""

    def act(self) -> None:
        """Write the next one, as the pages do: typed, looked at, sent."""
        if self.session is None:
            self.sign_in()
            return
        typed = {"group": "own", "who": "duty", "title": "加强巡查", "text": "演练",
                 "asks": "information", "within": "4", "urgent": "on"}  # fmt: skip
        looked = self.send("/notices/new", **typed)
        units = re.findall(r'name="unit" value="([^"]+)" checked', looked.text)
        if looked.status_code == 200 and units:
            answer = self.send("/notices/new", **typed, act="send", unit=units[0])
            found = re.fullmatch(
                r"/notices/([0-9a-f-]{36})/receipts", answer.headers.get("Location", "")
            )
            if answer.status_code == 302 and found is not None:
                self.load.acknowledged("notice", found[1], self.name)
        self.load.stop.wait(2)


class Filer(Person):
    """Adds a record of a patrol to a task of the own unit every other second."""

    written = 0

    def act(self) -> None:
        """Add the next one."""
        if self.session is None:
            self.sign_in()
            return
        inbox = self.get("/inbox?show=unit")
        ids = sorted(set(re.findall(r"/tasks/([0-9a-f-]{36})", inbox.text))) if inbox else []
        if ids:
            self.written += 1
            name = f"LOAD-{self.written:04d}.txt"
            content = f"{name}: 海塘第{self.written}段无异常".encode()
            self.get(f"/tasks/{ids[0]}")
            answer = self.send(
                f"/tasks/{self.chance.choice(ids)}/files",
                files={"file": (name, content, "text/plain")},
            )
            if answer.status_code == 302 and answer.headers["Location"].endswith("#files"):
                self.load.acknowledged("file", name, self.name)
        self.load.stop.wait(2)


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
