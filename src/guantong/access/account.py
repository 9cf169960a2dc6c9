"""The life of an account: invited, activated, signed in, locked, closed, opened again.

Every act leaves a leaf in its own transaction; the witness compares each account with its last
one. What a browser does with an answer (cookies, pages) is the portal's; second factors are in
``guantong.access.second_factor``.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from guantong.access import sessions
from guantong.access.errors import (
    AccountClosed,
    AccountNotThere,
    CodeRefused,
    LockedOut,
    NameTaken,
    NotAName,
    SignInWrong,
)
from guantong.access.keys import end_keys, keys_standing
from guantong.access.models import OFFICIAL, ActivationCode, Attempt, Session, User
from guantong.access.passwords import normal
from guantong.audit.api import Leaf, Witness, bring_witness, write
from guantong.base.clock import local_day, machine_now
from guantong.base.realm import LIVE, Realm
from guantong.orgs import api as orgs

# GB/T 22239-2019, 8.1.4.1 b): limit failed sign-ins. The numbers are ours; SP 800-63B-4, 3.2.2,
# allows 100 in a row. An address may be a whole office behind one router, so it has more.
ACCOUNT_FAILURES, ADDRESS_FAILURES = 8, 100
FAILURE_WINDOW = timedelta(minutes=15)
KEEP_ATTEMPTS = timedelta(days=1)

# A code is used once, within a week: a letter of invitation may lie over a holiday.
CODE_LIFE = timedelta(days=7)
# Without 0 and O, 1, I and L: a code is read out on the telephone. 10 signs of 31 are 49 bits.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 10

LEAST_NAME, MOST_NAME = 3, 40
_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")

# Never the hash of the password, nor when somebody signed in last.
_AFTER = """jsonb_build_object('username', username, 'person_id', person_id, 'kind', kind,
    'active', is_active, 'closed_because', closed_because, 'activated_at', activated_at,
    'printed', printed_password)"""
bring_witness(Witness(kind="account", sql=f"select id, {_AFTER} as after from access_user"))  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRef:
    """An account as administrators see it."""

    id: UUID
    username: str
    person_id: UUID | None
    kind: str
    state: str  # invited, active, closed, left
    activated_at: datetime | None
    last_login: datetime | None
    locked_minutes: int
    code_until: datetime | None
    sessions: int
    keys: int


def leave(
    act: str, user: User | None, *, at: datetime, actor: str, after: bool = False, **more: object
) -> None:
    """Leave a leaf about an account, with the state the store holds where that has changed."""
    body: dict[str, object] = dict(more)
    if after and user is not None:
        with connection.cursor() as cursor:
            cursor.execute(f"select {_AFTER}::text from access_user where id = %s", [user.id])  # noqa: S608
            body["after"] = orjson.loads(cursor.fetchone()[0])
    write(
        [
            # An account belongs to the installation, not to an exercise: the live realm.
            Leaf(
                realm=LIVE,
                at=at,
                actor=actor,
                act=act,
                kind="account",
                object_id=None if user is None else user.id,
                body=body,
            )
        ]
    )


# --- attempts -------------------------------------------------------------------------------


def subject_of(what: str, text: str) -> str:
    """Return under which digest attempts on something are counted; nobody can read it back."""
    # A name is as unique as its spelling; full-width and capital letters are not another account.
    return salted_hmac(
        f"guantong.attempt.{what}", normal(text).lower(), algorithm="sha256"
    ).hexdigest()


def begin_attempt(subject: str, address: str, *, at: datetime) -> UUID:
    """Count an attempt before it is judged, or refuse it when there were too many.

    Counted first, so that a hundred attempts sent at once are not all judged. A refused attempt
    does not count: the lock ends by itself, whoever goes on trying.
    """
    since = at - FAILURE_WINDOW
    row = Attempt.objects.create(subject=subject, address=address[:64], at=at)
    minutes = max(
        _minutes_left(Attempt.objects.filter(subject=subject), ACCOUNT_FAILURES, since, row, at),
        _minutes_left(
            Attempt.objects.filter(address=address[:64]), ADDRESS_FAILURES, since, row, at
        ),
    )
    if minutes:
        row.delete()
        raise LockedOut(minutes=minutes)
    return row.id


def _minutes_left(rows: Any, most: int, since: datetime, mine: Attempt, at: datetime) -> int:
    """Return for how many minutes there were too many attempts; 0 when there were not."""
    before = list(
        rows.filter(at__gt=since)
        .exclude(id=mine.id)
        .order_by("-at")
        .values_list("at", flat=True)[:most]
    )
    if len(before) < most:
        return 0
    left = before[-1] + FAILURE_WINDOW - at
    return max(1, -(-int(left.total_seconds()) // 60))


def locked_minutes(subject: str, *, at: datetime) -> int:
    """Return for how many minutes an account still is locked; 0 when it is not."""
    rows = Attempt.objects.filter(subject=subject, at__gt=at - FAILURE_WINDOW)
    found = list(rows.order_by("-at").values_list("at", flat=True)[:ACCOUNT_FAILURES])
    if len(found) < ACCOUNT_FAILURES:
        return 0
    return max(1, -(-int((found[-1] + FAILURE_WINDOW - at).total_seconds()) // 60))


def forget_attempts(subject: str, *, at: datetime) -> None:
    """Forget the attempts on something that was answered rightly, and all that are old."""
    Attempt.objects.filter(subject=subject).delete()
    Attempt.objects.filter(at__lt=at - KEEP_ATTEMPTS).delete()


# --- signing in ------------------------------------------------------------------------------


def judge_password(username: str, password: str, *, kind: str, address: str, at: datetime) -> User:
    """Return the account whose password this is; refuse everybody else alike, in the same time.

    A wrong password, no such account, one of the other end, one not activated or closed: one
    sentence. Only who knows the password learns that the account is closed.
    """
    subject = subject_of("password", username)
    begin_attempt(subject, address, at=at)
    user = User.objects.filter(username=username).first()
    encoded = user.password if user is not None else ""
    usable = user is not None and user.has_usable_password()
    if not usable:
        # The same work as for an account that is there, so that the clock tells nothing.
        make_password(normal(password))
    right = usable and check_password(normal(password), encoded, setter=_setter(user, password))
    if user is None or not right or user.kind != kind:
        with transaction.atomic():
            leave("refuse-sign-in", user, at=at, actor="anonymous", how="password")
        raise SignInWrong
    forget_attempts(subject, at=at)
    if not user.is_active:
        with transaction.atomic():
            leave("refuse-sign-in", user, at=at, actor=user.username, how="closed")
        raise AccountClosed
    return user


def _setter(user: User | None, password: str) -> Any:
    def renew(_raw: str) -> None:
        # The password was hashed more weakly once; now it is here in the clear, and hashed anew.
        if user is not None:
            user.set_password(normal(password))
            user.save(update_fields=["password"])

    return renew


def knows_password(user: User, password: str, *, address: str, at: datetime) -> None:
    """Let go on who gives the password of their own account again; refuse others, and count."""
    subject = subject_of("password", user.username)
    begin_attempt(subject, address, at=at)
    if not user.has_usable_password() or not check_password(normal(password), user.password):
        raise SignInWrong
    forget_attempts(subject, at=at)


def signed_in(user: User, *, how: str, at: datetime) -> None:
    """Note that somebody came in, and how."""
    with transaction.atomic():
        User.objects.filter(id=user.id).update(last_login=at)
        leave("sign-in", user, at=at, actor=user.username, how=how)
    sessions.sweep(at)


def signed_out(user: User, *, at: datetime) -> None:
    """Note that somebody left."""
    with transaction.atomic():
        leave("sign-out", user, at=at, actor=user.username)


# --- invitation, activation, password ----------------------------------------------------------


def invite(
    person_id: UUID, *, username: str, language: str, kind: str = OFFICIAL, at: datetime, actor: str
) -> str:
    """Make an account for who has none, or give a new code to who has one; return the code.

    The code is returned this once and kept nowhere. Older codes of the account end; a password
    that was there stays until the code is used, so that a code nobody asked for locks nobody out.
    """
    with transaction.atomic():
        # Two clerks at once make one account.
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 7))", [str(person_id)]
            )
        user = User.objects.filter(person_id=person_id, kind=kind).order_by("date_joined").first()
        if user is None:
            name = free_name(username)
            user = User.objects.create_user(
                name, None, person_id=person_id, language=language, joined_at=at, kind=kind
            )
            leave("make", user, at=at, actor=actor, after=True)
        elif not user.is_active:
            raise AccountClosed
        return new_code(user, at=at, actor=actor)


def new_code(user: User, *, at: datetime, actor: str) -> str:
    """Give an account a code to choose a password with; the codes before it are void."""
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        ActivationCode.objects.filter(user=user, used_at=None).delete()
        ActivationCode.objects.create(
            user=user,
            code_hash=_code_hash(user.id, code),
            made_by=actor,
            made_at=at,
            expires_at=at + CODE_LIFE,
        )
        leave("invite", user, at=at, actor=actor, until=(at + CODE_LIFE).isoformat())
    return f"{code[:5]}-{code[5:]}"


def judge_code(username: str, code: str, *, kind: str, address: str, at: datetime) -> User:
    """Return the account whose open code this is; refuse wrong, used and old codes alike."""
    subject = subject_of("code", username)
    begin_attempt(subject, address, at=at)
    user = User.objects.filter(username=username, kind=kind, is_active=True).first()
    typed = "".join(sign for sign in normal(code).upper() if sign in CODE_SIGNS)
    if user is None or _open_code(user, typed, at) is None:
        raise CodeRefused
    return user


def activate(
    username: str, code: str, password: str, *, kind: str, address: str, at: datetime
) -> User:
    """Use up a code and set the password its owner chose; every session before it ends."""
    user = judge_code(username, code, kind=kind, address=address, at=at)
    typed = "".join(sign for sign in normal(code).upper() if sign in CODE_SIGNS)
    with transaction.atomic():
        row = _open_code(user, typed, at)
        # Two browsers with one code: the second finds it used.
        if row is None or not ActivationCode.objects.filter(id=row.id, used_at=None).update(
            used_at=at
        ):
            raise CodeRefused
        user.set_password(normal(password))
        user.activated_at = user.activated_at or at
        user.printed_password = False
        user.save(update_fields=["password", "activated_at", "printed_password"])
        sessions.end([user.id])
        end_keys([user.id], because="password", at=at, actor=user.username)
        leave("activate", user, at=at, actor=user.username, after=True)
    forget_attempts(subject_of("code", username), at=at)
    forget_attempts(subject_of("password", username), at=at)
    return user


def change_password(user: User, password: str, *, but: str | None, at: datetime) -> int:
    """Set another password; every other session of the account ends. Return how many did."""
    with transaction.atomic():
        user.set_password(normal(password))
        user.printed_password = False
        user.activated_at = user.activated_at or at
        user.save(update_fields=["password", "printed_password", "activated_at"])
        ended = sessions.end([user.id], but=but)
        # Who knew the old password could have made a key with it.
        end_keys([user.id], because="password", at=at, actor=user.username)
        ActivationCode.objects.filter(user=user, used_at=None).delete()
        leave("change-password", user, at=at, actor=user.username, after=True, ended=ended)
    return ended


def _open_code(user: User, typed: str, at: datetime) -> ActivationCode | None:
    found = _code_hash(user.id, typed)
    rows = ActivationCode.objects.filter(user=user, used_at=None, expires_at__gt=at)
    return next((r for r in rows if secrets.compare_digest(r.code_hash, found)), None)


def _code_hash(user_id: UUID, code: str) -> str:
    # Keyed with the installation's secret: whoever reads the table alone cannot try codes.
    return salted_hmac("guantong.code", f"{user_id}:{code}", algorithm="sha256").hexdigest()


# --- administration ----------------------------------------------------------------------------


def accounts_of(
    person_ids: Iterable[UUID], *, kind: str = OFFICIAL, at: datetime
) -> dict[UUID, AccountRef]:
    """Return the account of each person who has one; five queries for any number of them."""
    users = {
        user.person_id: user
        for user in User.objects.filter(person_id__in=list(person_ids), kind=kind).order_by(
            "-date_joined"
        )
        if user.person_id is not None
    }
    ids = [user.id for user in users.values()]
    codes = dict(
        ActivationCode.objects.filter(user_id__in=ids, used_at=None, expires_at__gt=at).values_list(
            "user_id", "expires_at"
        )
    )
    open_sessions: dict[UUID, int] = {}
    for account_id in Session.objects.filter(account_id__in=ids, expire_date__gt=at).values_list(
        "account_id", flat=True
    ):
        if account_id is not None:
            open_sessions[account_id] = open_sessions.get(account_id, 0) + 1
    keys = keys_standing(ids, at=at)
    locked = _locked({subject_of("password", u.username): u.id for u in users.values()}, at)
    return {
        person_id: AccountRef(
            id=user.id,
            username=user.username,
            person_id=user.person_id,
            kind=user.kind,
            state=_state(user),
            activated_at=user.activated_at,
            last_login=user.last_login,
            locked_minutes=locked.get(user.id, 0),
            code_until=codes.get(user.id),
            sessions=open_sessions.get(user.id, 0),
            keys=keys.get(user.id, 0),
        )
        for person_id, user in users.items()
    }


def _locked(subjects: Mapping[str, UUID], at: datetime) -> dict[UUID, int]:
    many = Attempt.objects.filter(
        subject__in=list(subjects), at__gt=at - FAILURE_WINDOW
    ).values_list("subject", flat=True)
    counted: dict[str, int] = {}
    for subject in many:
        counted[subject] = counted.get(subject, 0) + 1
    return {
        subjects[subject]: locked_minutes(subject, at=at)
        for subject, count in counted.items()
        if count >= ACCOUNT_FAILURES
    }


def _state(user: User) -> str:
    if not user.is_active:
        return "left" if user.closed_because == "left" else "closed"
    return "active" if user.has_usable_password() else "invited"


def account_of(person_id: UUID, *, kind: str = OFFICIAL) -> User:
    """Return the account of a person; refuse when there is none."""
    user = User.objects.filter(person_id=person_id, kind=kind).order_by("date_joined").first()
    if user is None:
        raise AccountNotThere
    return user


def person_of_account(username: str) -> UUID | None:
    """Return the person who signs in to the official end under this name; none where nobody can."""
    user = User.objects.filter(username=username, kind=OFFICIAL, is_active=True).first()
    return user.person_id if user is not None else None


def close_account(user: User, *, because: str, at: datetime, actor: str) -> int:
    """Close an account: nobody signs in with it, its sessions and codes end. Safe to repeat."""
    with transaction.atomic():
        found = User.objects.select_for_update().get(id=user.id)
        ended = sessions.end([found.id])
        end_keys([found.id], because="closed", at=at, actor=actor)
        if not found.is_active:
            return ended
        found.is_active, found.closed_because = False, because
        found.save(update_fields=["is_active", "closed_because"])
        ActivationCode.objects.filter(user=found, used_at=None).delete()
        leave("close", found, at=at, actor=actor, after=True, ended=ended)
        return ended


def open_account(user: User, *, at: datetime, actor: str) -> None:
    """Open a closed account; its password and second factors are those it had. Safe to repeat."""
    with transaction.atomic():
        found = User.objects.select_for_update().get(id=user.id)
        if found.is_active:
            return
        found.is_active, found.closed_because, found.leaves_on = True, "", None
        found.save(update_fields=["is_active", "closed_because", "leaves_on"])
        leave("open", found, at=at, actor=actor, after=True)


def unlock_account(user: User, *, at: datetime, actor: str) -> None:
    """Let somebody try again at once after too many failures."""
    with transaction.atomic():
        for what, text in (
            ("password", user.username),
            ("code", user.username),
            ("second", str(user.id)),
        ):
            Attempt.objects.filter(subject=subject_of(what, text)).delete()
        leave("unlock", user, at=at, actor=actor)


def end_sessions(
    user: User, *, at: datetime, actor: str, id: str | None = None, but: str | None = None
) -> int:
    """End one session of an account, all but one, or all; return how many ended."""
    with transaction.atomic():
        ended = sessions.end([user.id], id=id, but=but)
        if id is None and but is None:
            end_keys([user.id], because="administrator", at=at, actor=actor)
        if ended:
            leave("end-sessions", user, at=at, actor=actor, ended=ended)
    return ended


def rename_account(user: User, username: str, *, at: datetime, actor: str) -> None:
    """Give an account another name to sign in with."""
    name = username.strip().lower()
    if name == user.username:
        return
    if not fit_name(name):
        raise NotAName
    with transaction.atomic():
        if User.objects.filter(username=name).exists():
            raise NameTaken
        User.objects.filter(id=user.id).update(username=name)
        user.username = name
        leave("rename", user, at=at, actor=actor, after=True)


def fit_name(name: str) -> bool:
    """Say whether something may be the name of an account."""
    return LEAST_NAME <= len(name) <= MOST_NAME and set(name) <= _NAME_SIGNS


def free_name(wanted: str) -> str:
    """Return ``wanted`` as a name nobody has yet, with a number behind it where somebody has."""
    base = "".join(s for s in normal(wanted).lower() if s in _NAME_SIGNS)[: MOST_NAME - 4]
    if len(base) < LEAST_NAME:
        base = f"user-{secrets.token_hex(4)}"
    taken = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    return next(n for n in (base, *(f"{base}-{i}" for i in range(2, 10_000))) if n not in taken)


def on_person_left(realm: Realm, at: datetime, body: Mapping[str, Any]) -> None:
    """Close the account of whoever left (``PersonLeft``); a day that is to come is noted."""
    person_id, on = UUID(body["person_id"]), date.fromisoformat(body["on"])
    users = User.objects.filter(person_id=person_id, kind=OFFICIAL)
    users.update(leaves_on=on)
    for user in users:
        close_if_left(user, on=local_day(machine_now()), at=machine_now())


def close_if_left(user: User, *, on: date, at: datetime) -> bool:
    """Close the account of somebody whose last day has come, unless a post is held again."""
    if user.leaves_on is None or user.leaves_on > on or user.person_id is None:
        return False
    if orgs.posts_of_people([user.person_id], on=on)[user.person_id]:
        return False
    close_account(user, because="left", at=at, actor="system")
    return True


def adopt(*, at: datetime) -> int:
    """Leave a leaf of each account as it stands: once, when a store of release 0.1.0 is upgraded.

    That release did not say in the log how an account stood.
    """
    with transaction.atomic():
        users = list(User.objects.all())
        for user in users:
            leave("adopt", user, at=at, actor="system", after=True)
    return len(users)
