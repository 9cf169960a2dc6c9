"""Access keys: another system acts for the holder of a post, as that person and no further.

A key is made by its person, for one of the posts held, to read or to read and act, for a purpose
and until a day. It is shown once; the store holds only its digest. It counts as that person acting
in that post: what access allows the post, it allows the key, and nothing is asked of the key beside
that. It ends by itself on its day, or when the post, the account or its password ends.

A sign-in that is locked for a quarter of an hour after failures does not end keys: else whoever
knows a name could stop a county's system by typing a wrong password eight times.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from guantong.access.actor import Actor
from guantong.access.errors import (
    KeyEnded,
    KeyNotThere,
    KeyTooMany,
    KeyTooOften,
    KeyWrongly,
    TokenReused,
)
from guantong.access.key_models import ACT, READ, AccessKey, DoneOnce
from guantong.access.models import OFFICIAL, User
from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.clock import local_day
from guantong.base.hashing import canonical
from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.orgs import api as orgs

# A key is known by its beginning, so that one that leaked into a file can be searched for.
BEGINNING = "gtk_"
LONGEST = timedelta(days=365)
MOST_KEYS = 20
MOST_NAME, MOST_PURPOSE = 60, 200
KINDS = (READ, ACT)
KEEP_ANSWERS = timedelta(days=1)

_AFTER = """jsonb_build_object('account_id', account_id, 'digest', digest, 'acts', acts,
    'unit_id', unit_id, 'post_code', post_code, 'name', name, 'purpose', purpose,
    'expires_at', extract(epoch from expires_at), 'ended', ended_because)"""
bring_witness(Witness(kind="access-key", sql=f"select id, {_AFTER} as after from access_accesskey"))  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyView:
    """A key as its person sees it; the key itself is nowhere."""

    id: UUID
    name: str
    purpose: str
    acts: str
    unit_id: UUID
    post_code: str
    made_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_because: str
    used_at: datetime | None

    def stands(self, at: datetime) -> bool:
        """Say whether it still opens anything."""
        return self.ended_at is None and at < self.expires_at


def make_key(
    user: User,
    *,
    name: str,
    purpose: str,
    acts: str,
    post: tuple[UUID, str],
    expires_at: datetime,
    at: datetime,
) -> tuple[KeyView, str]:
    """Make a key for one of the person's posts; return it with its text, which is kept nowhere."""
    name, purpose = name.strip(), purpose.strip()
    wrong = next(
        (
            field
            for field, right in (
                ("name", 0 < len(name) <= MOST_NAME),
                ("purpose", 0 < len(purpose) <= MOST_PURPOSE),
                ("acts", acts in KINDS),
                ("expires", at < expires_at <= at + LONGEST),
            )
            if not right
        ),
        None,
    )
    if wrong is not None:
        raise KeyWrongly(field=wrong, days=LONGEST.days)
    text = BEGINNING + secrets.token_urlsafe(32)
    with transaction.atomic():
        # Two pages sent at once count each other's key.
        User.objects.select_for_update().get(id=user.id)
        if keys_standing([user.id], at=at).get(user.id, 0) >= MOST_KEYS:
            raise KeyTooMany(most=MOST_KEYS)
        row = AccessKey.objects.create(
            account_id=user.id, digest=digest(text), name=name, purpose=purpose, acts=acts,
            unit_id=post[0], post_code=post[1], made_at=at, expires_at=expires_at,
        )  # fmt: skip
        _leave("make", [row.id], at=at, actor=f"person:{user.person_id}")
    return _view(row), text


def keys_of(account_id: UUID, *, at: datetime) -> list[KeyView]:
    """Return the keys of an account that stand, and those that ended in the last month."""
    rows = AccessKey.objects.filter(account_id=account_id).order_by("-made_at")
    since = at - timedelta(days=30)
    found = [_view(row) for row in rows]
    return [key for key in found if (key.ended_at or key.expires_at) > since]


def keys_standing(account_ids: Iterable[UUID], *, at: datetime) -> dict[UUID, int]:
    """Return how many keys of each account stand; accounts without one are left out."""
    rows = AccessKey.objects.filter(
        account_id__in=list(account_ids), ended_at=None, expires_at__gt=at
    )
    return dict(Counter(rows.values_list("account_id", flat=True)))


def revoke_key(user: User, id: UUID, *, at: datetime) -> None:
    """End a key of one's own; safe to repeat."""
    if not AccessKey.objects.filter(account_id=user.id, id=id).exists():
        raise KeyNotThere
    end_keys([user.id], because="revoked", at=at, actor=f"person:{user.person_id}", id=id)


def end_keys(
    account_ids: Iterable[UUID], *, because: str, at: datetime, actor: str, id: UUID | None = None
) -> int:
    """End the keys of these accounts, or one of them; return how many ended."""
    with transaction.atomic():
        rows = AccessKey.objects.filter(account_id__in=list(account_ids), ended_at=None)
        if id is not None:
            rows = rows.filter(id=id)
        ids = list(rows.select_for_update().values_list("id", flat=True))
        AccessKey.objects.filter(id__in=ids).update(ended_at=at, ended_because=because)
        _leave("end", ids, at=at, actor=actor)
    return len(ids)


def end_all_keys(*, because: str, at: datetime, actor: str) -> int:
    """End every key that stands, whoever's it is; return how many ended."""
    rows = AccessKey.objects.filter(ended_at=None)
    return end_keys(
        rows.values_list("account_id", flat=True).distinct(), because=because, at=at, actor=actor
    )


def key_opens(text: str, *, at: datetime, most: int) -> tuple[KeyView, User]:
    """Return the key and the account whose key this is, and count its use; refuse anything else.

    A key that never was and one that has ended are refused alike. ``most`` requests a minute.
    """
    minute = at.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        # One statement: two requests at once are both counted.
        cursor.execute(
            "update access_accesskey set used_at = %(at)s, minute_at = %(minute)s,"
            " minute_count = case when minute_at = %(minute)s then minute_count + 1 else 1 end"
            " where digest = %(digest)s and ended_at is null and expires_at > %(at)s"
            " returning id, minute_count",
            {"at": at, "minute": minute, "digest": digest(text)},
        )
        counted = cursor.fetchone()
    if counted is None:
        raise KeyEnded
    row = AccessKey.objects.get(id=counted[0])
    user = User.objects.filter(id=row.account_id, is_active=True, kind=OFFICIAL).first()
    if user is None:
        raise KeyEnded
    if counted[1] > most:
        left = (minute + timedelta(minutes=1) - at).total_seconds()
        raise KeyTooOften(most=most, seconds=max(1, int(left)))
    return _view(row), user


def actor_of_key(key: KeyView, user: User, actor: Actor, *, at: datetime) -> Actor:
    """Return the person acting in the key's post alone; a post no longer held ends the key.

    So does one that was held by somebody else for a while and came back: whoever is appointed anew
    decides anew which systems act in the post.
    """
    held = tuple(
        post
        for post in actor.posts
        if (post.unit_id, post.post_code) == (key.unit_id, key.post_code)
    )
    since, on = local_day(key.made_at), local_day(at)
    if (
        not held
        or actor.person_id is None
        or not orgs.held_without_gap(
            actor.person_id, key.unit_id, key.post_code, since=since, on=on
        )
    ):
        end_keys([user.id], because="post", at=at, actor="system", id=key.id)
        raise KeyEnded
    return replace(actor, posts=held)


def once(
    user: User,
    token: str,
    asked: Mapping[str, object],
    do: Callable[[], dict[str, Any]],
    *,
    at: datetime,
) -> tuple[dict[str, Any], bool]:
    """Do something once for a token of its caller; return the answer, and whether it is repeated.

    The deed and its answer are written in one transaction, so that of two requests sent at once the
    second waits and finds the answer. What is refused is not kept: it may be tried again.
    """
    request = hashlib.sha256(canonical(asked)).hexdigest()
    earlier = answered(user, token, asked)
    if earlier is not None:
        return earlier, True
    with transaction.atomic():
        DoneOnce.objects.filter(at__lt=at - KEEP_ANSWERS).delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into access_doneonce (id, account_id, token, request, answer, at)"
                " values (%s, %s, %s, %s, 'null', %s) on conflict (account_id, token) do nothing",
                [new_id(), user.id, token, request, at],
            )
            first = cursor.rowcount == 1
        if first:
            answer = do()
            DoneOnce.objects.filter(account_id=user.id, token=token).update(answer=answer)
            return answer, False
    found = answered(user, token, asked)
    assert found is not None, "who held the token has written the answer"
    return found, True


def answered(user: User, token: str, asked: Mapping[str, object]) -> dict[str, Any] | None:
    """Return what was answered to the same request before; refuse the token for another one."""
    row = DoneOnce.objects.filter(account_id=user.id, token=token).first()
    if row is None:
        return None
    if row.request != hashlib.sha256(canonical(asked)).hexdigest():
        raise TokenReused
    found: dict[str, Any] = row.answer
    return found


def digest(text: str) -> str:
    """Return what stands in the store for a key. It has 256 random bits, so nobody can try them."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _leave(act: str, ids: Iterable[UUID], *, at: datetime, actor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id, {_AFTER}::text from access_accesskey where id = any(%s)",  # noqa: S608
            [list(ids)],
        )
        rows = cursor.fetchall()
    write(
        Leaf(realm=LIVE, at=at, actor=actor, act=act, kind="access-key", object_id=id,
             body={"after": orjson.loads(after)})
        for id, after in rows
    )  # fmt: skip


def _view(row: AccessKey) -> KeyView:
    names = KeyView.__dataclass_fields__
    return KeyView(**{name: getattr(row, name) for name in names})
