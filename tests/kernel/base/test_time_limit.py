"""Facts that hang: interrupted in Python and in the store, counted, and laid aside in the end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from tests.kernel.base.test_outbox import RiverRose, publish

from guantong.base import laid_aside, outbox
from guantong.base.models import OutboxMessage
from guantong.base.realm import LIVE, Realm
from guantong.base.time_limit import TookTooLong, at_most

pytestmark = pytest.mark.django_db(transaction=True)


class Sleeper:
    """A subscriber that hangs at some rivers: in Python, in the store, or for good."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.stubborn = 0

    def __call__(self, realm: Realm, at: datetime, fact: Mapping[str, Any]) -> None:
        river = fact["river"]
        self.heard.append(river)
        note("begun " + river)
        if river == "python":
            time.sleep(60)
        if river == "store":
            with connection.cursor() as cursor:
                cursor.execute("select pg_sleep(60)")
        if river == "swallows":
            for _ in range(2):
                try:
                    time.sleep(60)
                except TookTooLong:
                    self.stubborn += 1
            time.sleep(60)


def note(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into base_reading (at, body) values (clock_timestamp(), to_jsonb(%s::text))",
            [text],
        )


def noted() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select body #>> '{}' from base_reading order by at")
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(autouse=True)
def sleeper() -> Iterator[Sleeper]:
    listening = Sleeper()
    outbox.subscribe(RiverRose, listening)
    yield listening
    outbox._subscribers["RiverRose"].remove(listening)


@pytest.mark.parametrize("where", ["python", "store"])
def test_a_fact_that_hangs_is_interrupted_and_the_others_go_on(where: str) -> None:
    publish("Ou", where, "Nan")
    begun = time.monotonic()

    done = outbox.deliver(LIVE, seconds=60, limit=0.3)

    assert time.monotonic() - begun < 10
    assert done == 2
    assert noted() == ["begun Ou", "begun Nan"], "what the hung one did is undone"
    (hung,) = OutboxMessage.objects.filter(state="waiting")
    assert (hung.attempts, hung.body["river"]) == (1, where)
    assert "took longer than 0.3 s" in hung.fault
    assert "in __call__" in hung.fault, "and where it stood"
    assert outbox.in_hand is None


def test_after_the_usual_number_of_attempts_it_is_laid_aside() -> None:
    publish("python")
    OutboxMessage.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)

    assert outbox.deliver(LIVE, limit=0.2) == 0

    (fact,) = laid_aside.facts("dead")
    assert fact.attempts == outbox.MOST_ATTEMPTS
    assert fact.fault_line.startswith("TookTooLong: It was interrupted because it took longer")


def test_code_that_swallows_the_interruption_is_interrupted_again(
    sleeper: Sleeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guantong.base.time_limit.AGAIN_SECONDS", 0.1)
    publish("swallows")

    assert outbox.deliver(LIVE, limit=0.2) == 0

    assert sleeper.stubborn == 2
    assert OutboxMessage.objects.get().attempts == 1


def test_who_is_quick_enough_is_not_interrupted() -> None:
    publish("Ou")

    assert outbox.deliver(LIVE, limit=30) == 1

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_after_a_cancelled_statement_the_connection_is_of_use() -> None:
    with pytest.raises(TookTooLong), at_most(0.2), connection.cursor() as cursor:
        cursor.execute("select pg_sleep(60)")

    with connection.cursor() as cursor:
        cursor.execute("select 1")
        assert cursor.fetchone() == (1,)


def test_another_fault_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), at_most(30):
        _ = 1 // 0


WORKER = """
import json, os, sys, threading, time
import django
from django.conf import settings
settings.FACT_SECONDS = 0.3
settings.DATABASES["default"].update(json.loads(os.environ["STORE"]))
django.setup()
from guantong.base import outbox
from guantong.base.realm import LIVE
from guantong.main import worker
from tests.kernel.base.test_outbox import RiverRose

def never_comes_back(realm, at, fact):
    # As a library does that is not in Python: no signal gets through to it.
    import signal
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    with __import__("django").db.connection.cursor() as cursor:
        cursor.execute("update base_outboxmessage set subject = 'undone' where event = 'RiverRose'")
    time.sleep(60)

outbox.subscribe(RiverRose, never_comes_back)
worker.GRACE_SECONDS = 0.3
stop = threading.Event()
heart = threading.Thread(target=worker._beat, args=("w@test", worker.Doing(), stop), daemon=True)
from guantong.base import workers
workers.BEAT_SECONDS = 0.2
heart.start()
outbox.deliver(LIVE, limit=worker._limit())
"""


def test_a_fact_nobody_can_interrupt_ends_its_worker_and_counts() -> None:
    publish("Ou")
    OutboxMessage.objects.update(attempts=outbox.MOST_ATTEMPTS - 1)
    named = {k: str(connection.settings_dict[k]) for k in ("NAME", "USER", "HOST", "PORT")}
    environment = {
        **os.environ, "STORE": json.dumps(named), 
        "DJANGO_SETTINGS_MODULE": "guantong.main.settings",
    }  # fmt: skip

    ended = subprocess.run(
        [sys.executable, "-c", WORKER], env=environment, check=False, timeout=60,
        capture_output=True, text=True,
    )  # fmt: skip

    assert ended.returncode == 70, ended.stderr
    fact = OutboxMessage.objects.get()
    assert (fact.state, fact.attempts, fact.subject) == ("dead", outbox.MOST_ATTEMPTS, "")
    assert "took longer than 0.3 s" in fact.fault


def test_counting_what_is_open_does_not_read_what_was_done() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into base_outboxmessage (id, realm, event, subject, body, written_at, trace,"
            " state, attempts, fault) select gen_random_uuid(), 'live', 'RiverRose', '', '{}',"
            " now(), '', 'done', 0, '' from generate_series(1, 20000)"
        )
        cursor.execute("analyze base_outboxmessage")
    publish("Ou", "Nan")
    OutboxMessage.objects.filter(state="waiting", body__river="Nan").update(state="dead")

    assert laid_aside.counts() == {"dead": 1, "retrying": 0, "waiting": 1, "set_aside": 0}

    with connection.cursor() as cursor:
        cursor.execute("explain " + laid_aside.COUNTING)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan" not in plan
    assert plan.count("outbox_") == 4, plan
