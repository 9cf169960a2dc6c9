"""Which account an identity of the outside provider belongs to.

The first time, a number that the provider vouches for names the person; from then on the
provider's own subject does, which alone never changes its bearer (OIDC Core 1.0, section 5.7).
No account is made for a stranger.
"""

from datetime import datetime

from django.db import IntegrityError, transaction

from guantong.access import sessions
from guantong.access.account import leave
from guantong.access.errors import AccountClosed, ProviderRefused, Stranger
from guantong.access.keys import end_keys
from guantong.access.models import CITIZEN, ActivationCode, User
from guantong.orgs import api as orgs


def account_of_identity(
    provider: str, subject: str, number: str, *, kind: str, at: datetime
) -> User:
    """Return the account of an identity, linked at the first time; refuse strangers."""
    from allauth.socialaccount.models import SocialAccount

    link = SocialAccount.objects.filter(provider=provider, uid=subject).select_related("user")
    found = link.first()
    user = found.user if found is not None else _by_number(number, kind=kind)
    if user is None or user.kind != kind:
        raise Stranger
    if not user.is_active:
        raise AccountClosed
    if found is None:
        try:
            with transaction.atomic():
                if SocialAccount.objects.filter(provider=provider, user=user).exists():
                    # Another subject was linked to this person before: somebody must look at it.
                    raise ProviderRefused(why="number")
                SocialAccount.objects.create(provider=provider, uid=subject, user=user)
                if user.activated_at is None:
                    User.objects.filter(id=user.id).update(activated_at=at)
                if kind == CITIZEN:
                    _shut_other_ways(user, at=at)
                leave("link-provider", user, at=at, actor=user.username, after=True)
        except IntegrityError:
            # Two sign-ins of the same person at once: the other one has made the link.
            return account_of_identity(provider, subject, number, kind=kind, at=at)
    return user


def _shut_other_ways(user: User, *, at: datetime) -> None:
    """Leave the provider as the only way into a citizen's account.

    Another may have opened it before with a code from a window; the provider knows who she is. An
    official keeps the password, which counts while the provider is away.
    """
    user.set_unusable_password()
    user.printed_password = False
    user.save(update_fields=["password", "printed_password"])
    ActivationCode.objects.filter(user=user, used_at=None).delete()
    sessions.end([user.id])
    end_keys([user.id], because="password", at=at, actor=user.username)


def _by_number(number: str, *, kind: str) -> User | None:
    if not number:
        return None
    person = orgs.citizen_by_identity(number) if kind == CITIZEN else orgs.person_by_number(number)
    if person is None:
        return None
    return User.objects.filter(person_id=person, kind=kind).order_by("date_joined").first()


def sign_out_by_provider(provider: str, subject: str, *, until: datetime, at: datetime) -> int:
    """End the sessions of an identity that signed out at the provider; return how many ended.

    Only those begun up to ``until``, the time of the provider's word: sent twice, it ends nothing
    that was begun afterwards.
    """
    from allauth.socialaccount.models import SocialAccount

    link = SocialAccount.objects.filter(provider=provider, uid=subject).select_related("user")
    found = link.first()
    if found is None:
        return 0
    with transaction.atomic():
        ended = sessions.end([found.user.id], until=until)
        if ended:
            leave("end-sessions", found.user, at=at, actor="provider", ended=ended)
    return ended


def unlink(user: User, *, at: datetime, actor: str) -> int:
    """Forget which identity belongs to an account: it changed at the provider."""
    from allauth.socialaccount.models import SocialAccount

    with transaction.atomic():
        count, _ = SocialAccount.objects.filter(user=user).delete()
        if count:
            leave("unlink-provider", user, at=at, actor=actor, removed=count)
    return int(count)


def is_linked(user: User) -> bool:
    """Say whether an identity of the outside provider belongs to this account."""
    from allauth.socialaccount.models import SocialAccount

    return bool(SocialAccount.objects.filter(user=user).exists())
