"""Accounts and what belongs to signing in: sessions, attempts, one-time codes, applications.

Who the person of an account is and which posts that person holds is in ``guantong.orgs``; second
factors and links to outside providers are allauth's tables.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from guantong.access.key_models import AccessKey as AccessKey
from guantong.access.key_models import DoneOnce as DoneOnce
from guantong.access.look_models import Approval as Approval
from guantong.access.look_models import Look as Look
from guantong.access.resident_models import Contest as Contest
from guantong.access.resident_models import Residence as Residence
from guantong.base.clock import machine_now
from guantong.base.ids import new_id

OFFICIAL, CITIZEN = "official", "citizen"


class UserManager(BaseUserManager["User"]):
    """Makes accounts."""

    def create_user(
        self,
        username: str,
        password: str | None = None,
        *,
        person_id: UUID | None = None,
        language: str = "zh-CN",
        joined_at: datetime | None = None,
        kind: str = OFFICIAL,
    ) -> "User":
        """Make an account; without a password nobody can sign in with it."""
        user = self.model(
            username=self.model.normalize_username(username),
            person_id=person_id,
            language=language,
            kind=kind,
            date_joined=joined_at or machine_now(),
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account: how somebody signs in, at which of the two ends, and in which language they read.

    Of an official's account ``person_id`` is a person of ``orgs``, of a citizen's a citizen there.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=150, unique=True)
    person_id = models.UUIDField(null=True, db_index=True)
    language = models.CharField(max_length=5, default="zh-CN")
    kind = models.TextField(default=OFFICIAL, db_default=OFFICIAL)
    is_active = models.BooleanField(default=True)
    # Why a closed account is closed: somebody closed it, or its person left.
    closed_because = models.TextField(default="", db_default="")
    # The day on which its person's last post ends; from then on the account is closed.
    leaves_on = models.DateField(null=True)
    # When its owner chose the password; None for an account that waits for its activation code.
    activated_at = models.DateTimeField(null=True)
    # A demonstration's password, which everybody may read on the screen of ``guantong up``.
    printed_password = models.BooleanField(default=False, db_default=False)
    date_joined = models.DateTimeField(default=machine_now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_user_language", condition=models.Q(language__in=["zh-CN", "en"])
            ),
            models.CheckConstraint(
                name="access_user_kind", condition=models.Q(kind__in=[OFFICIAL, CITIZEN])
            ),
            models.CheckConstraint(
                name="access_user_closed_because",
                condition=models.Q(closed_because__in=["", "disabled", "left"]),
            ),
        ]

    @property
    def is_staff(self) -> bool:
        """False: there is no back door beside the one decision."""
        return False


class Session(AbstractBaseSession):
    """One sign-in of one browser, found by the digest of its cookie (``access.sessions``)."""

    account_id = models.UUIDField(null=True, db_index=True)
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField()
    address = models.TextField(default="")
    device = models.TextField(default="")
    # What was shown at the door: password, totp, passkey, recovery, oidc.
    how = models.TextField(default="")

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return the store that reads these rows."""
        from guantong.access.sessions import SessionStore

        return SessionStore


class Attempt(models.Model):
    """One try to guess a password or a code that failed, or has not been judged yet.

    ``subject`` is a keyed digest, so that what somebody typed as an account stands nowhere.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    subject = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(name="access_attempt_subject", fields=["subject", "at"]),
            models.Index(name="access_attempt_address", fields=["address", "at"]),
        ]


class ActivationCode(models.Model):
    """A code by which somebody chooses a password once; only its keyed digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes")
    code_hash = models.CharField(max_length=64)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class CitizenApplication(models.Model):
    """A citizen asks for an account; a service window compares the identity document and grants it.

    Name, identity number and mobile are sealed; the number is what the citizen says at the window.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=10)
    name = models.TextField()
    identity = models.TextField()
    mobile = models.TextField()
    language = models.CharField(max_length=5, default="zh-CN")
    made_at = models.DateTimeField()
    granted_at = models.DateTimeField(null=True)
    granted_by = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="access_citizenapplication_number", fields=["number"])
        ]
