"""The worker of the live realm: facts on their way up, timers and limits, the audit sequencer.

Exercises are driven by the process that plays them; this one leaves them alone, but gives all
leaves their place in the log. It may die at any moment: what it was doing was one transaction.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.db import InterfaceError, OperationalError

from guantong.main.lifeline import end_with_parent
from guantong.main.store import running

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
SETTLE_SECONDS = 60.0
LOST_SECONDS = 10.0


def run() -> None:
    """Work until told to stop."""
    end_with_parent()
    stop = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    with running():
        from guantong.main import wiring

        wiring.install_packages()
        settled, lost_since = 0.0, None
        while not stop.is_set():
            parts = PARTS
            if time.monotonic() - settled > SETTLE_SECONDS:
                parts, settled = (_settle, *PARTS), time.monotonic()
            busy = False
            for part in parts:
                # One part that fails must not keep the others from their work.
                try:
                    busy = part() or busy
                    lost_since = None
                except (OperationalError, InterfaceError):
                    lost_since = lost_since or time.monotonic()
                    _forget_connection()
                    if time.monotonic() - lost_since > LOST_SECONDS:
                        # Nobody watches the server but who starts: ended, this process is started
                        # again, and starting makes sure that the server runs.
                        raise
                    break
                except Exception:
                    log.exception("the worker could not %s", part.__name__.strip("_"))
            if not busy:
                stop.wait(IDLE_SECONDS)


def _deliver() -> bool:
    from guantong.base.outbox import deliver_one
    from guantong.base.realm import LIVE

    return deliver_one(LIVE)


def _run_due() -> bool:
    from guantong.base import clock
    from guantong.base.realm import LIVE
    from guantong.flows import api as flows

    return flows.run_due(LIVE, clock.now(LIVE)) > 0


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


PARTS: tuple[Callable[[], bool], ...] = (_deliver, _run_due, _end_alerts, _sequence)


def _forget_connection() -> None:
    from django.db import connection

    connection.close()


if __name__ == "__main__":
    run()
