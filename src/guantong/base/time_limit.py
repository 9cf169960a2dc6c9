"""A limit to what one piece of work may take, in the main thread of a process that asks for it.

When the time is up, a statement that the store still works on is cancelled, and Python code is
interrupted where it stands; either way ``TookTooLong`` comes up. It comes again each second until
the work has ended, so code that swallows it is not left alone. Library code that does not come
back to Python cannot be interrupted so; whoever watches the process has to end it
(``main.worker``).
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

import psycopg
from django.db import connection
from psycopg.pq import TransactionStatus

from guantong.base.errors import GuantongError

AGAIN_SECONDS = 1.0


class TookTooLong(GuantongError):
    """A piece of work was interrupted because its time was up."""

    code = "took-too-long"


@contextlib.contextmanager
def at_most(seconds: float | None) -> Iterator[None]:
    """Interrupt what is done inside after ``seconds``; without a number nothing is watched."""
    if seconds is None:
        yield
        return
    assert threading.current_thread() is threading.main_thread(), "signals reach the main thread"
    up = False

    def time_is_up(_signal: int, _frame: FrameType | None) -> None:
        nonlocal up
        up = True
        if not _cancelled():
            raise TookTooLong(seconds=f"{seconds:g}")

    before = signal.signal(signal.SIGALRM, time_is_up)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_SECONDS)
    try:
        yield
    except TookTooLong:
        raise
    except Exception as error:
        if up:
            # With the trace of the statement: where it stood is what people look for.
            raise TookTooLong(seconds=f"{seconds:g}").with_traceback(error.__traceback__) from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _cancelled() -> bool:
    """Cancel the statement the store works on; say whether there was one."""
    raw: Any = connection.connection
    if raw is None or raw.info.transaction_status != TransactionStatus.ACTIVE:
        return False
    # Raised in the middle of a statement, a refusal would leave the connection useless.
    with contextlib.suppress(psycopg.Error):
        raw.cancel()
    return True
