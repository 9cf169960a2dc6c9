"""The tables of notices. Times stand beside each step; references are plain columns.

That a receipt and a delivery belong to the realm of their notice, and that deliveries are of the
live realm, is held by the store itself (promise P12; the keys are made in migration 0001).
"""

from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id
from guantong.base.realm import LIVE
from guantong.notices.delivery import OCCASIONS
from guantong.notices.delivery import STATES as DELIVERY_STATES
from guantong.notices.notice import ASKS, KINDS, STATES


class Notice(models.Model):
    """One thing that people are told, in the words of both languages."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    kind = models.TextField()
    asks = models.TextField(default="information")
    urgent = models.BooleanField(default=False)
    state = models.TextField(default="sent")
    title_zh = models.TextField()
    title_en = models.TextField()
    text_zh = models.TextField(default="")
    text_en = models.TextField(default="")
    href = models.TextField(default="")
    # What the notice is about, such as a case: what is done there may accept it here.
    about = models.UUIDField(null=True)
    # The fact it came from: the same fact twice makes one notice.
    origin = models.TextField(default="")
    # Who wrote it and for which unit; nobody for what the platform says by itself.
    sender_id = models.UUIDField(null=True)
    sender_unit_id = models.UUIDField(null=True)
    sender_unit_zh = models.TextField(default="")
    sender_unit_en = models.TextField(default="")
    sent_at = models.DateTimeField()
    # Until then it can be taken back, and nothing of it leaves the platform.
    releases_at = models.DateTimeField()
    accept_by = models.DateTimeField(null=True)
    remind_at = models.DateTimeField(null=True)
    supervised_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # Since when its words are gone (retention); who got it and when stays.
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="notice_kind", condition=Q(kind__in=KINDS)),
            models.CheckConstraint(name="notice_asks", condition=Q(asks__in=ASKS)),
            models.CheckConstraint(name="notice_state", condition=Q(state__in=STATES)),
            models.CheckConstraint(
                name="notice_limit_is_for_acceptance",
                condition=Q(accept_by=None) | Q(asks="acceptance"),
            ),
            models.UniqueConstraint(
                name="one_notice_of_a_fact", fields=["realm", "origin"], condition=~Q(origin="")
            ),
            models.UniqueConstraint(name="notice_in_realm", fields=["id", "realm"]),
        ]
        indexes = [
            models.Index(
                name="notice_of_unit",
                fields=["sender_unit_id", "realm", "sent_at"],
                condition=Q(sender_unit_id__isnull=False),
            ),
            models.Index(name="notice_about", fields=["about"], condition=Q(about__isnull=False)),
            models.Index(
                name="notice_to_remind",
                fields=["realm", "remind_at"],
                condition=Q(remind_at__isnull=False),
            ),
            models.Index(
                name="notice_to_supervise",
                fields=["realm", "accept_by"],
                condition=Q(accept_by__isnull=False, supervised_at=None),
            ),
        ]


class Receipt(models.Model):
    """One reader of a notice, and how far it has come with them (签收链)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    notice_id = models.UUIDField()
    person_id = models.UUIDField()
    # For which unit the person reads it, under its name of that day (promise P11).
    unit_id = models.UUIDField(null=True)
    unit_zh = models.TextField(default="")
    unit_en = models.TextField(default="")
    # How many things it is about for this reader: a batch of tasks is one notice.
    items = models.IntegerField(default=1)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.UUIDField(null=True)
    reminded_at = models.DateTimeField(null=True)
    reminded_times = models.SmallIntegerField(default=0)
    supervised_at = models.DateTimeField(null=True)
    # Since when it is nobody's business here any more: withdrawn, or handed on.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="receipt_accepted_by_somebody",
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_receipt_of_a_reader",
                fields=["notice_id", "person_id", "unit_id"],
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(
                name="receipt_unread",
                fields=["person_id", "realm"],
                condition=Q(read_at=None, ended_at=None),
            ),
            models.Index(name="receipt_of_person", fields=["person_id", "realm", "sent_at"]),
        ]


class Delivery(models.Model):
    """One message to one person through one channel. Its key goes out with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    notice_id = models.UUIDField()
    receipt_id = models.UUIDField(db_index=True)
    person_id = models.UUIDField()
    channel = models.TextField()
    occasion = models.TextField(default="sent")
    urgent = models.BooleanField(default=False)
    bundled = models.BooleanField(default=False)
    state = models.TextField(default="queued")
    # Given once, at the first attempt; all that goes out together carries the same.
    key = models.UUIDField(null=True, db_index=True)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.IntegerField(null=True)
    attempts = models.SmallIntegerField(default=0)
    said = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(name="delivery_state", condition=Q(state__in=DELIVERY_STATES)),
            models.CheckConstraint(name="delivery_occasion", condition=Q(occasion__in=OCCASIONS)),
            # Nothing leaves an exercise (promise P12).
            models.CheckConstraint(name="delivery_is_live", condition=Q(realm=LIVE)),
            # What may have left carries its key, and one knows who sent it.
            models.CheckConstraint(
                name="delivery_leaves_with_its_key",
                condition=~Q(state__in=["sending", "sent", "unknown"]) | Q(key__isnull=False),
            ),
            models.CheckConstraint(
                name="delivery_not_due_before_queued", condition=Q(due_at__gte=F("queued_at"))
            ),
        ]
        indexes = [
            models.Index(
                name="delivery_due", fields=["channel", "due_at"], condition=Q(state="queued")
            ),
            models.Index(
                name="delivery_under_way", fields=["claimed_by"], condition=Q(state="sending")
            ),
            models.Index(name="delivery_listed", fields=["queued_at", "id"]),
            models.Index(name="delivery_of_notice", fields=["notice_id"]),
        ]


class Channel(models.Model):
    """How a channel has done lately: its failures in a row, its rest, its count of this minute."""

    name = models.TextField(primary_key=True)
    failures = models.IntegerField(default=0)
    rests_until = models.DateTimeField(null=True)
    minute_at = models.DateTimeField(null=True)
    in_minute = models.IntegerField(default=0)


class PreferenceRow(models.Model):
    """What one person has chosen about notices; no row is the standard."""

    person_id = models.UUIDField(primary_key=True)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    daily_at = models.TimeField()
    modes = models.JSONField(default=dict)
    through_quiet = models.JSONField(default=list)
    channels = models.JSONField(null=True)
    # Where to reach them, sealed (L3): see ``contacts``.
    mobile = models.TextField(default="")
    mail = models.TextField(default="")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "notices_preference"
