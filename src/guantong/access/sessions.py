"""Sessions as Django keeps them (SESSION_ENGINE), with three differences.

* The store holds only the digest of the cookie: whoever reads the table, or a backup of it, holds
  no session of anybody.
* Each row says whose session it is, from where and since when, so that people can see and end
  their sessions. Ending one removes the row: the next request with its cookie is nobody's.
* Two limits: a session ends some time after its last use, and in any case some time after sign-in.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import DatabaseError, IntegrityError, OperationalError, router, transaction

from guantong.access.models import Session
from guantong.base.clock import machine_now

# The account must still enrol a second factor before it may do anything else; streams ask, too.
ENROL = "_enrol"
SINCE, ADDRESS, DEVICE, HOW = "_since", "_address", "_device", "_how"

# A last use is written down at most so often: each page would else be a write.
TOUCH_EVERY = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRef:
    """One sign-in as its owner sees it; ``id`` is the digest, of no use to whoever reads it."""

    id: str
    since: datetime
    seen_at: datetime
    address: str
    device: str
    how: str
    current: bool


def idle() -> timedelta:
    """Return after which time without use a session ends."""
    return timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def longest() -> timedelta:
    """Return after which time a session ends however much it is used."""
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


class SessionStore(DatabaseStore):
    """The sessions of the record store, under the digest of their key."""

    # When the row that was read was last marked as used; None before it is read.
    seen_at: datetime | None = None

    @classmethod
    def get_model_class(cls) -> Any:
        """Return the table."""
        return Session

    def _get_session_from_db(self) -> Any:
        row = Session.objects.filter(
            session_key=digest(self.session_key), expire_date__gt=machine_now()
        ).first()
        if row is None:
            self._session_key = None
            return None
        self.seen_at = row.seen_at
        return row

    def exists(self, session_key: str) -> bool:
        """Say whether a key is taken."""
        return Session.objects.filter(session_key=digest(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row of this session, its columns taken from what it holds."""
        now = machine_now()
        if data.get(SESSION_KEY) and SINCE not in data:
            data[SINCE] = now.isoformat()
        since = datetime.fromisoformat(data[SINCE]) if SINCE in data else None
        key: str = self._get_or_create_session_key()  # type: ignore[attr-defined]
        return Session(
            session_key=digest(key),
            session_data=self.encode(data),
            expire_date=ends_at(since, now),
            account_id=UUID(data[SESSION_KEY]) if data.get(SESSION_KEY) else None,
            signed_in_at=since,
            seen_at=now,
            address=data.get(ADDRESS, ""),
            device=data.get(DEVICE, ""),
            how=data.get(HOW, ""),
        )

    def save(self, must_create: bool = False) -> None:
        """Write the row; one that was ended in the meantime is not written again."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = self.create_model_instance(data)
        using = router.db_for_write(Session, instance=row)
        try:
            with transaction.atomic(using=using):
                row.save(force_insert=must_create, force_update=not must_create, using=using)
        except IntegrityError:
            if must_create:
                from django.contrib.sessions.backends.base import CreateError

                raise CreateError from None
            raise
        except OperationalError:
            raise  # the store is away: the session may well be there
        except DatabaseError:
            if not must_create:
                raise UpdateError from None
            raise

    def delete(self, session_key: str | None = None) -> None:
        """End a session."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=digest(key)).delete()

    def touch(self) -> None:
        """Mark the session as used now, at most once a minute."""
        now = machine_now()
        if self.session_key is None or self.seen_at is None or now - self.seen_at < TOUCH_EVERY:
            return
        since = datetime.fromisoformat(self[SINCE]) if SINCE in self else None
        Session.objects.filter(session_key=digest(self.session_key)).update(
            seen_at=now, expire_date=ends_at(since, now)
        )
        self.seen_at = now


def digest(key: str | None) -> str:
    """Return what stands in the store for a cookie: 160 bits of its SHA-256, as 40 digits."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:40]


def ends_at(since: datetime | None, now: datetime) -> datetime:
    """Return when a session ends: after its last use, or with its longest life."""
    return now + idle() if since is None else min(now + idle(), since + longest())


def sessions_of(account_id: UUID, *, current: str | None = None) -> list[SessionRef]:
    """Return the open sessions of an account, the newest use first."""
    rows = Session.objects.filter(account_id=account_id, expire_date__gt=machine_now())
    mine = digest(current) if current else None
    return [
        SessionRef(
            id=row.session_key,
            since=row.signed_in_at or row.seen_at,
            seen_at=row.seen_at,
            address=row.address,
            device=row.device,
            how=row.how,
            current=row.session_key == mine,
        )
        for row in rows.order_by("-seen_at")
    ]


def session_stands(key: str) -> bool:
    """Say whether a session has neither ended nor been ended: one look, asked often."""
    return Session.objects.filter(
        session_key=digest(key), account_id__isnull=False, expire_date__gt=machine_now()
    ).exists()


def end(
    account_ids: Iterable[UUID],
    *,
    id: str | None = None,
    but: str | None = None,
    until: datetime | None = None,
) -> int:
    """End sessions of these accounts: one, all but one, those begun up to a moment, or all."""
    rows = Session.objects.filter(account_id__in=list(account_ids))
    if id is not None:
        rows = rows.filter(session_key=id)
    if but is not None:
        rows = rows.exclude(session_key=digest(but))
    if until is not None:
        rows = rows.filter(signed_in_at__lte=until)
    return rows.delete()[0]


def sweep(now: datetime) -> None:
    """Remove sessions that ended by themselves."""
    Session.objects.filter(expire_date__lt=now).delete()
