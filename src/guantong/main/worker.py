"""A worker of the live realm: facts on their way up, timers and limits, the audit sequencer.

As many may run as the work needs (``GUANTONG_WORKERS``): each claims what no other holds. The
store wakes them when a fact is published; they look by themselves once a second for what nobody
told them. Exercises are driven by the process that plays them; workers leave them alone, but give
all leaves their place in the log.

A worker may die at any moment: what it was doing was one transaction. One that hangs is given up by
the store, which ends a transaction in which nothing happens, and then ends itself.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any

from django.db import InterfaceError, OperationalError

from guantong.main.lifeline import end_with_parent
from guantong.main.store import running

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
SETTLE_SECONDS = 60.0
LOST_SECONDS = 10.0
# A fact that cannot be interrupted (a library that does not come back) has so much longer; then
# its attempt is noted and the process ends.
GRACE_SECONDS = 30.0
HUNG = 70  # EX_SOFTWARE: the supervisor starts it again

# What a statement, a wait for somebody's lock, and a transaction in which nothing is asked may
# take. The last is the longest: data are derived in this process while its transaction waits.
TIME_OUTS = {
    "statement_timeout": "120s",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "300s",
}


class Doing:
    """What the main thread does, for the thread that beats to read."""

    def __init__(self) -> None:
        self.now: tuple[str, float] = ("", time.monotonic())

    def __call__(self, what: str) -> None:
        """Note what begins now; nothing while it waits."""
        self.now = (what, time.monotonic())


def run(name: str = "worker") -> None:
    """Work until told to stop."""
    end_with_parent()
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    with running():
        from django.db.backends.signals import connection_created

        from guantong.main import logs, tracing, upgrade, wiring

        logs.catch_the_rest()
        tracing.begin("worker")
        upgrade.refuse_other_version()
        connection_created.connect(_bound, dispatch_uid="worker")
        _forget_connection()
        wiring.install_packages()
        doing = Doing()
        whole_name = f"{name}@{socket.gethostname()}"
        heart = threading.Thread(target=_beat, args=(whole_name, doing, stop), daemon=True)
        heart.start()
        try:
            _work(stop, doing)
        finally:
            stop.set()
            heart.join(5)


def _work(stop: threading.Event, doing: Doing) -> None:
    from guantong.base.outbox import is_ours

    settled, lost_since = 0.0, None
    while not stop.is_set():
        parts = PARTS
        if time.monotonic() - settled > SETTLE_SECONDS:
            parts, settled = (*SELDOM, *PARTS), time.monotonic()
        busy = False
        for part in parts:
            if stop.is_set():
                return
            doing(part.__name__.strip("_"))
            # One part that fails must not keep the others from their work.
            try:
                busy = part() or busy
                lost_since = None
            except (OperationalError, InterfaceError) as lost:
                if is_ours(lost):
                    # Somebody held a lock for too long: the store is there, the next part goes on.
                    log.warning(
                        "the worker could not %s: %s",
                        part.__name__.strip("_"), type(lost.__cause__).__name__,
                    )  # fmt: skip
                    lost_since = None
                    continue
                log.warning("the worker could not %s: the store was away", part.__name__.strip("_"))
                lost_since = lost_since or time.monotonic()
                _forget_connection()
                if time.monotonic() - lost_since > LOST_SECONDS:
                    # Nobody watches the server but who starts: ended, this process is started
                    # again, and starting makes sure that the server runs.
                    raise
                break
            except Exception:
                log.exception("the worker could not %s", part.__name__.strip("_"))
        doing("")
        if not busy:
            _wait(stop)


def _wait(stop: threading.Event) -> None:
    """Wait until somebody publishes a fact, at most until it is time to look anyway."""
    from django.db import connection

    from guantong.base.outbox import CHANNEL

    try:
        connection.ensure_connection()
        raw: Any = connection.connection
        if not getattr(raw, "_guantong_listens", False):
            with connection.cursor() as cursor:
                cursor.execute(f"listen {CHANNEL}")
            raw._guantong_listens = True
            return  # what was published before we listened is looked for first
        for _ in raw.notifies(timeout=IDLE_SECONDS, stop_after=1):
            pass
    except (OperationalError, InterfaceError, _driver_error()):
        _forget_connection()
        stop.wait(IDLE_SECONDS)


def _driver_error() -> type[Exception]:
    import psycopg

    return psycopg.Error


def _bound(*, connection: Any, **_: object) -> None:
    """Set the time-outs of a worker on each new connection of this process."""
    with connection.cursor() as cursor:
        for name, value in TIME_OUTS.items():
            cursor.execute(f"set {name} = '{value}'")


def _beat(name: str, doing: Doing, stop: threading.Event) -> None:
    """Say again and again that this worker lives; end it when its main thread hangs."""
    from django.db import connection

    from guantong.base import workers
    from guantong.base.clock import machine_now

    pid, begun = os.getpid(), False
    while True:
        _give_up_hung_fact()
        what, since = doing.now
        long = time.monotonic() - since
        if what and long > workers.HANGS_AFTER.total_seconds():
            log.error("the worker hangs while it should %s; it ends itself", what)
            os._exit(HUNG)
        try:
            now = machine_now()
            if not begun:
                workers.begin(name, host=socket.gethostname(), pid=pid, at=now)
                begun = True
            at = datetime.fromtimestamp(now.timestamp() - long, now.tzinfo)
            begun = workers.beat(name, pid=pid, doing=what, doing_since=at, at=now)
            if stop.is_set():
                workers.end(name, pid=pid)
        except (OperationalError, InterfaceError):
            connection.close()
        if stop.is_set():
            connection.close()
            return
        stop.wait(workers.BEAT_SECONDS)


def _look_at_applications() -> bool:
    """Carry out what was installed, upgraded or withdrawn since."""
    from guantong.packages.api import look

    look()
    return False


def _deliver() -> bool:
    from guantong.base.outbox import deliver
    from guantong.base.realm import LIVE

    return deliver(LIVE, limit=_limit()) > 0


def _limit() -> float:
    """Return how many seconds handing on one fact may take."""
    from django.conf import settings

    return float(settings.FACT_SECONDS)


def _give_up_hung_fact() -> None:
    """End this process when a fact has hung it beyond its limit; its attempt counts."""
    from guantong.base import outbox

    held, limit = outbox.in_hand, _limit()
    if held is None or time.monotonic() - held.since < limit + GRACE_SECONDS:
        return
    log.error("fact %s hangs the worker; it ends itself", held.seq)
    try:
        outbox.give_up(held, limit=limit)
    finally:
        os._exit(HUNG)


def _run_due() -> bool:
    from guantong.base import clock
    from guantong.base.realm import LIVE
    from guantong.flows import api as flows

    return flows.run_due(LIVE, clock.now(LIVE)) > 0


def _move_cases() -> bool:
    """Let running cases go over to the release that was installed, some at a time."""
    from guantong.base import clock
    from guantong.base.realm import LIVE
    from guantong.packages.api import move_waiting

    return move_waiting(at=clock.now(LIVE)) > 0


def _end_alerts() -> bool:
    from guantong.base import clock
    from guantong.base.realm import LIVE
    from guantong.brain import api as brain

    return brain.end_due(LIVE, clock.now(LIVE)) > 0


def _sequence() -> bool:
    from guantong.audit.api import sequence

    return sequence() > 0


def _settle() -> bool:
    from guantong.base.realm import LIVE
    from guantong.data.api import settle

    return settle(LIVE) > 0


def _keep_readings() -> bool:
    from guantong.base import clock, lag

    lag.keep(clock.machine_now())
    return False


def _prune() -> bool:
    from guantong.base import clock, laid_aside

    return laid_aside.prune(now=clock.machine_now()) > 0


def _scan_files() -> bool:
    from guantong.base import clock
    from guantong.files.api import scan_waiting

    return scan_waiting(at=clock.machine_now()) > 0


def _seal_files() -> bool:
    """Seal contents of files that lie open yet: from before they were sealed, or restored."""
    from guantong.files.api import seal_waiting

    return seal_waiting() > 0


def _clear_files() -> bool:
    from guantong.files.api import clear_now_and_then

    return clear_now_and_then() > 0


def _notices() -> bool:
    from guantong.main import outgoing

    return outgoing.turn()


def _tell_leavers() -> bool:
    """Tell of whoever's last post has ended by the calendar, so that the account is closed."""
    from guantong.base.clock import machine_now
    from guantong.orgs.api import tell_leavers_due

    return tell_leavers_due(at=machine_now()) > 0


PARTS: tuple[Callable[[], bool], ...] = (
    _look_at_applications,
    _deliver,
    _run_due,
    _move_cases,
    _end_alerts,
    _notices,
    _sequence,
)
# Each minute, and when a worker starts.
SELDOM: tuple[Callable[[], bool], ...] = (
    _settle, _keep_readings, _prune, _scan_files, _seal_files, _clear_files, _tell_leavers,
)  # fmt: skip


def _forget_connection() -> None:
    from django.db import connection

    connection.close()


if __name__ == "__main__":
    run(*sys.argv[1:2])
