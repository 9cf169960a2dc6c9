"""The part of the worker that looks after notices: limits here, and deliveries on a thread beside.

A mail server that does not answer must not keep facts and timers waiting, so what leaves the
platform is sent by a thread of its own, one turn at a time. When the worker ends in the middle of
one, that is a killed sender like any other: the next one finds what it left (promise P6).
"""

import logging
import threading
import time
from datetime import datetime

from django.db import InterfaceError, OperationalError

from guantong.base import clock
from guantong.base.errors import GuantongError
from guantong.base.outbox import is_ours
from guantong.base.realm import LIVE
from guantong.notices import api as notices

log = logging.getLogger(__name__)

TIDY_SECONDS = 3600.0
# A channel that rests keeps what is due; it is not asked each second whether it has rested.
REST_SECONDS = 5.0

_sending: threading.Thread | None = None
_tidied = 0.0
_rests_until = 0.0
_said = ""


def turn() -> bool:
    """Remind and supervise what is due, and see that somebody sends; say whether there was work."""
    global _tidied
    now = clock.now(LIVE)
    busy = _run_due(now)
    if time.monotonic() - _tidied > TIDY_SECONDS:
        _tidied = time.monotonic()
        notices.tidy(LIVE, now)
    _see_that_somebody_sends()
    return busy


def _run_due(now: datetime) -> bool:
    try:
        return notices.run_due(LIVE, now) > 0
    except Exception as fault:
        # A boundary: limits that cannot be looked after keep nothing from being sent.
        if isinstance(fault, OperationalError | InterfaceError) and not is_ours(fault):
            raise
        log.exception("limits of notices were left: %s", type(fault).__name__)
        return False


def _see_that_somebody_sends() -> None:
    global _sending
    if (_sending is not None and _sending.is_alive()) or time.monotonic() < _rests_until:
        return
    try:
        names = notices.channels().settings
        if not names or not notices.anything_due(clock.now(LIVE), names):
            return
    except GuantongError as refusal:
        _say_once(refusal.sentence("en"))
        return
    _sending = threading.Thread(target=_send, name="notices", daemon=True)
    _sending.start()


def _send() -> None:
    global _rests_until
    from django.db import connection

    tried = 0
    try:
        tried = notices.deliver_due(lambda: clock.now(LIVE))
    except Exception as fault:
        # A boundary: the next turn tries again. The text of a fault may hold an address.
        log.exception("deliveries stopped: %s", type(fault).__name__)
    finally:
        if not tried:
            _rests_until = time.monotonic() + REST_SECONDS
        connection.close()


def _say_once(sentence: str) -> None:
    # The file is looked at every second; what is wrong with it is said once.
    global _said
    if sentence != _said:
        _said = sentence
        log.error("%s", sentence)
