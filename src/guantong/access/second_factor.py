"""The second factor: who must have one, and the codes of an app or from a sheet of paper.

The rows are allauth's (``allauth.mfa``), secrets sealed by our adapter. Codes are judged here and
not by allauth, which remembers used ones in the memory of one process: a code counts once for the
whole installation (RFC 6238, section 5.2). Passkeys need the browser's request and are the
portal's; they count as two factors, since the device asks for a finger, a face or a PIN.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction

from guantong.access.account import begin_attempt, forget_attempts, leave, subject_of
from guantong.access.actor import Actor, PostHeld
from guantong.access.errors import SecondFactorNeeded, SecondFactorWrong
from guantong.access.fields import L3
from guantong.access.models import User
from guantong.access.organisation import NEAR_TIERS
from guantong.access.roles import all_roles

TOTP, PASSKEY, RECOVERY = "totp", "webauthn", "recovery_codes"
FactorKind = Literal["totp", "webauthn", "recovery_codes"]

# RFC 6238, section 5.2: one step of 30 seconds either way for clocks that differ.
STEP_SECONDS, STEPS_AROUND = 30, 1
# More than a person needs; a stolen session must not add without end.
MOST_PASSKEYS = 10

ADMINISTRATOR_POSTS = frozenset({"head", "deputy_head", "administrator"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One second factor of an account."""

    id: int
    kind: FactorKind
    name: str
    added_at: datetime
    used_at: datetime | None


def factors_of(user: User) -> list[Factor]:
    """Return the second factors of an account, oldest first; a sheet of codes is none."""
    from allauth.mfa.models import Authenticator

    rows = Authenticator.objects.filter(user_id=user.pk, type__in=[TOTP, PASSKEY])
    return [
        Factor(
            id=row.pk,
            kind=row.type,
            name=str(row.data.get("name", "")),
            added_at=row.created_at,
            used_at=row.last_used_at,
        )
        for row in rows.order_by("id")
    ]


def has_factor(user: User) -> bool:
    """Say whether this account asks for a second factor at sign-in."""
    from allauth.mfa.models import Authenticator

    return bool(Authenticator.objects.filter(user_id=user.pk, type__in=[TOTP, PASSKEY]).exists())


def must_have(user: User, actor: Actor) -> bool:
    """Say whether the policy of this installation asks a second factor of this account.

    ``administrators``: whoever leads or administers a unit, and whoever reads personal fields: the
    area units of counties, townships and villages, and roles of packages that show them.
    An account with a printed password is a demonstration, and exempt until its password changes.
    """
    policy = settings.SECOND_FACTOR
    if user.printed_password or policy == "optional" or user.kind != "official":
        return False
    if policy == "required":
        return True
    return any(
        post.post_code in ADMINISTRATOR_POSTS or _reads_personal_fields(post)
        for post in actor.posts
    )


def _reads_personal_fields(post: PostHeld) -> bool:
    if post.tier not in NEAR_TIERS:
        return False
    return post.line is None or any(
        role.held(post) and any(L3 in grant.clear for grant in role.grants) for role in all_roles()
    )


def new_secret() -> str:
    """Return a secret for an authenticator app: 160 bits (RFC 4226, section 4, R6)."""
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    return str(generate_totp_secret())


def add_app(user: User, secret: str, code: str, *, address: str, at: datetime) -> list[str]:
    """Enrol an authenticator app that shows the right code; return fresh recovery codes."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP as App  # noqa: N811 - allauth's class

    subject = subject_of("second", str(user.id))
    begin_attempt(subject, address, at=at)
    step = _step_of(secret, code, after=0)
    if step is None:
        raise SecondFactorWrong
    with transaction.atomic():
        # A second app replaces the first: one secret at a time, as allauth's table wants it.
        Authenticator.objects.filter(user_id=user.pk, type=TOTP).delete()
        row = App.activate(user, secret).instance
        row.data["used_step"] = step
        row.save(update_fields=["data"])
        codes = _renew_recovery(user)
        leave("add-factor", user, at=at, actor=user.username, factor=TOTP)
    forget_attempts(subject, at=at)
    return codes


def note_passkey(user: User, *, at: datetime) -> list[str]:
    """Note that a passkey was added; return recovery codes where the account had none yet."""
    from allauth.mfa.models import Authenticator

    with transaction.atomic():
        there = Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).exists()
        codes = [] if there else _renew_recovery(user)
        leave("add-factor", user, at=at, actor=user.username, factor=PASSKEY)
    return codes


def judge_second(user: User, code: str, *, address: str, at: datetime) -> str:
    """Judge a code of the app or of the sheet; return which it was. Each code counts once."""
    subject = subject_of("second", str(user.id))
    begin_attempt(subject, address, at=at)
    typed = "".join(sign for sign in code if sign.isascii() and sign.isdigit())
    how = None
    with transaction.atomic():
        if len(typed) == 6 and _use_app(user, typed):
            how = "totp"
        elif len(typed) == 8 and _use_recovery(user, typed):
            how = "recovery"
        if how is None:
            leave("refuse-sign-in", user, at=at, actor=user.username, how="second")
    if how is None:
        raise SecondFactorWrong
    forget_attempts(subject, at=at)
    return how


def _use_app(user: User, typed: str) -> bool:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.utils import decrypt

    row = Authenticator.objects.select_for_update().filter(user_id=user.pk, type=TOTP).first()
    if row is None:
        return False
    step = _step_of(decrypt(row.data["secret"]), typed, after=int(row.data.get("used_step", 0)))
    if step is None:
        return False
    row.data["used_step"] = step
    row.save(update_fields=["data"])
    row.record_usage()
    return True


def _step_of(secret: str, typed: str, *, after: int) -> int | None:
    """Return the time step whose code this is, of those not used yet."""
    from allauth.core.internal.cryptokit import compare_user_code
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    now = int(time.time()) // STEP_SECONDS
    for step in range(now - STEPS_AROUND, now + STEPS_AROUND + 1):
        expected = format_hotp_value(hotp_value(secret, step))
        if step > after and compare_user_code(actual=typed, expected=expected):
            return step
    return None


def _use_recovery(user: User, typed: str) -> bool:
    from allauth.mfa.models import Authenticator

    # Locked: the same code sent twice at once counts once.
    rows = Authenticator.objects.select_for_update()
    row = rows.filter(user_id=user.pk, type=RECOVERY).first()
    if row is None or not row.wrap().validate_code(typed):
        return False
    row.record_usage()
    return True


def new_recovery_codes(user: User, *, at: datetime) -> list[str]:
    """Return a fresh sheet of codes; those of the old sheet are void."""
    with transaction.atomic():
        codes = _renew_recovery(user)
        leave("renew-recovery-codes", user, at=at, actor=user.username)
    return codes


def recovery_left(user: User) -> int:
    """Return how many codes of the sheet are unused."""
    from allauth.mfa.models import Authenticator

    row = Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).first()
    return 0 if row is None else len(row.wrap().get_unused_codes())


def _renew_recovery(user: User) -> list[str]:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    # Two at once would each show a sheet, one of them void: the account's row is the lock.
    User.objects.select_for_update().get(id=user.id)
    Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).delete()
    return list(RecoveryCodes.activate(user).generate_codes())


def remove_factor(user: User, id: int, *, needed: bool, at: datetime) -> None:
    """Take away one factor of one's own; the last one of somebody who must have one stays."""
    with transaction.atomic():
        User.objects.select_for_update().get(id=user.id)
        left = factors_of(user)
        factor = next((f for f in left if f.id == id), None)
        if factor is None:
            return
        if needed and len(left) == 1:
            raise SecondFactorNeeded
        _delete(user, [id], recovery=len(left) == 1)
        leave("remove-factor", user, at=at, actor=user.username, factor=factor.kind)


def reset_factors(user: User, *, at: datetime, actor: str) -> int:
    """Take away all factors of somebody who lost them; return how many there were."""
    with transaction.atomic():
        User.objects.select_for_update().get(id=user.id)
        found = factors_of(user)
        _delete(user, [f.id for f in found], recovery=True)
        leave("reset-factors", user, at=at, actor=actor, removed=len(found))
    return len(found)


def _delete(user: User, ids: list[int], *, recovery: bool) -> None:
    from allauth.mfa.models import Authenticator

    rows: Any = Authenticator.objects.filter(user_id=user.pk)
    rows.filter(id__in=ids).delete()
    if recovery:
        rows.filter(type=RECOVERY).delete()


def factors_of_many(user_ids: list[UUID]) -> dict[UUID, int]:
    """Return how many second factors each account has."""
    from allauth.mfa.models import Authenticator

    counted: dict[UUID, int] = {}
    for id in Authenticator.objects.filter(
        user_id__in=user_ids, type__in=[TOTP, PASSKEY]
    ).values_list("user_id", flat=True):
        counted[id] = counted.get(id, 0) + 1
    return counted
