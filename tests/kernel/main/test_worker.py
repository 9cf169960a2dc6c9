"""The worker goes on where a lock was held too long, and ends where the store is away."""

import threading

import pytest
from django.db import OperationalError
from psycopg import errors

from guantong.main import worker


def failed(cause: Exception) -> OperationalError:
    error = OperationalError("failed")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "reached"),
    [
        (errors.LockNotAvailable(), True),
        (errors.QueryCanceled(), True),
        (errors.DeadlockDetected(), True),
        (errors.AdminShutdown(), False),
    ],
    ids=lambda given: "" if isinstance(given, bool) else type(given).__name__,
)
def test_a_lock_held_too_long_keeps_no_other_part_from_its_work(
    cause: Exception, reached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, did, forgotten = threading.Event(), list[str](), list[str]()

    def waits() -> bool:
        raise failed(cause)

    def works() -> bool:
        did.append("works")
        return True

    monkeypatch.setattr(worker, "PARTS", (waits, works))
    monkeypatch.setattr(worker, "SELDOM", ())
    monkeypatch.setattr(worker, "_wait", lambda stop: stop.set())
    monkeypatch.setattr(worker, "_forget_connection", lambda: (forgotten.append(""), stop.set()))
    if reached:
        monkeypatch.setattr(worker, "PARTS", (waits, works, lambda: stop.set() or True))

    worker._work(stop, worker.Doing())

    assert (did == ["works"], forgotten == []) == (reached, reached)
