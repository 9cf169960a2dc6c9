"""The account. Who its person is and which posts that person holds is in ``guantong.orgs``."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from guantong.base.clock import machine_now
from guantong.base.ids import new_id


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
    ) -> "User":
        """Make an account; without a password nobody can sign in with it."""
        user = self.model(
            username=self.model.normalize_username(username),
            person_id=person_id,
            language=language,
            date_joined=joined_at or machine_now(),
        )
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account: how somebody signs in, and in which language they read."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=150, unique=True)
    person_id = models.UUIDField(null=True, db_index=True)
    language = models.CharField(max_length=5, default="zh-CN")
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=machine_now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_user_language", condition=models.Q(language__in=["zh-CN", "en"])
            )
        ]

    @property
    def is_staff(self) -> bool:
        """False: there is no back door beside the one decision."""
        return False
