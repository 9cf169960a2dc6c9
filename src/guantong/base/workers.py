"""The worker processes of an installation: each says that it lives, and what it does just now.

A process that was killed stops beating. One that hangs goes on beating, but what it does has been
the same for too long; it then ends itself, so that whoever watches it starts it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

BEAT_SECONDS = 5.0
# Three beats missed: it was killed, or its machine is away.
SILENT_AFTER = timedelta(seconds=20)
# The longest thing a worker does in one go (deriving a large batch) takes well under a minute.
HANGS_AFTER = timedelta(minutes=5)
_FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSeen:
    """One worker as the store knows it."""

    name: str
    host: str
    pid: int
    since: datetime
    seen_at: datetime
    doing: str
    doing_since: datetime

    def light(self, now: datetime) -> str:
        """Return ``alive``, ``silent`` or ``hangs``."""
        if now - self.seen_at > SILENT_AFTER:
            return "silent"
        if self.doing and now - self.doing_since > HANGS_AFTER / 2:
            return "hangs"
        return "alive"


def begin(name: str, *, host: str, pid: int, at: datetime) -> None:
    """Note that a worker has started; one of the same name before it is no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into base_worker (name, host, pid, since, seen_at, doing, doing_since)"
            " values (%(name)s, %(host)s, %(pid)s, %(at)s, %(at)s, '', %(at)s)"
            " on conflict (name) do update set host = excluded.host, pid = excluded.pid,"
            " since = excluded.since, seen_at = excluded.seen_at, doing = '',"
            " doing_since = excluded.doing_since",
            {"name": name, "host": host, "pid": pid, "at": at},
        )


def beat(name: str, *, pid: int, doing: str, doing_since: datetime, at: datetime) -> bool:
    """Note that a worker lives; forget those not heard of for a day.

    False when its row was forgotten: it must begin again. Of one that was replaced the row stands.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "update base_worker set seen_at = %s, doing = %s, doing_since = %s"
            " where name = %s and pid = %s",
            [at, doing, doing_since, name, pid],
        )
        cursor.execute("delete from base_worker where seen_at < %s", [at - _FORGOTTEN_AFTER])
        cursor.execute("select exists (select from base_worker where name = %s)", [name])
        return bool(cursor.fetchone()[0])


def end(name: str, *, pid: int) -> None:
    """Note that a worker was told to stop: nobody need miss it."""
    with connection.cursor() as cursor:
        cursor.execute("delete from base_worker where name = %s and pid = %s", [name, pid])


def workers() -> list[WorkerSeen]:
    """Return the workers heard of within a day, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, host, pid, since, seen_at, doing, doing_since from base_worker"
            " order by length(name), name"
        )
        return [
            WorkerSeen(
                name=name, host=host, pid=pid, since=since, seen_at=seen_at, doing=doing,
                doing_since=doing_since,
            )
            for name, host, pid, since, seen_at, doing, doing_since in cursor.fetchall()
        ]  # fmt: skip
