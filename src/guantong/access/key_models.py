"""The tables of access keys: what another system shows in place of a password, and what it did."""

from django.db import models
from django.db.models import Q

from guantong.base.ids import new_id

READ, ACT = "read", "act"
ENDINGS = ("", "revoked", "closed", "password", "post", "administrator", "restored")


class AccessKey(models.Model):
    """A key with which another system acts for the holder of one post (``access.keys``)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField(db_index=True)
    digest = models.CharField(max_length=64, unique=True)
    name = models.TextField()
    purpose = models.TextField()
    acts = models.TextField()
    # The post it acts in: it ends when its person no longer holds that post.
    unit_id = models.UUIDField()
    post_code = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.TextField(default="", db_default="")
    used_at = models.DateTimeField(null=True)
    # How many requests came in the minute that began at ``minute_at``.
    minute_at = models.DateTimeField(null=True)
    minute_count = models.IntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(name="access_accesskey_acts", condition=Q(acts__in=[READ, ACT])),
            models.CheckConstraint(
                name="access_accesskey_ended",
                condition=Q(ended_at__isnull=True, ended_because="")
                | Q(ended_at__isnull=False, ended_because__in=ENDINGS[1:]),
            ),
        ]


class DoneOnce(models.Model):
    """An act that was asked for under an idempotency key, and what was answered to it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account_id = models.UUIDField()
    token = models.CharField(max_length=64)
    # Of what was asked: the same token for something else is a mistake of the caller.
    request = models.CharField(max_length=64)
    answer = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="access_doneonce_token", fields=["account_id", "token"])
        ]
