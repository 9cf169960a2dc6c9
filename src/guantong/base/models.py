"""The tables of the ground: this installation, its exercises, and facts on their way up."""

from django.db import models

from guantong.base.ids import new_id


class Installation(models.Model):
    """This installation: one row, made once, whose id goes into public numbers and hand-overs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField(default="")
    created_at = models.DateTimeField()
    # Since when this is a real province: never a demonstration again, wherever it is restored.
    real_since = models.DateTimeField(null=True)


class Exercise(models.Model):
    """One exercise realm and its clock (promise P12)."""

    realm = models.TextField(primary_key=True)
    id = models.UUIDField(unique=True, default=new_id, editable=False)
    package = models.TextField()
    title = models.TextField(default="")
    # The digest of what was asked for: the same command continues what it left unfinished.
    asked = models.TextField()
    started_at = models.DateTimeField()
    begins_at = models.DateTimeField()
    now_at = models.DateTimeField()
    state = models.TextField(default="running")
    ended_at = models.DateTimeField(null=True)
    measured = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="exercise_state", condition=models.Q(state__in=["running", "finished"])
            ),
            models.UniqueConstraint(
                name="one_unfinished_exercise_of_a_kind",
                fields=["package", "asked"],
                condition=models.Q(state="running"),
            ),
        ]


class OutboxMessage(models.Model):
    """A fact waiting for its subscribers, written in the transaction that made it true."""

    seq = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=new_id, editable=False)
    realm = models.TextField()
    event = models.TextField()
    # What the fact is about: facts of one subject are handed on in the order they were written.
    subject = models.TextField(default="", db_default="")
    body = models.JSONField()
    written_at = models.DateTimeField()
    # Under which trace it was written (W3C traceparent), so that a trace goes on where it is heard.
    trace = models.TextField(default="", db_default="")
    state = models.TextField(default="waiting")
    attempts = models.SmallIntegerField(default=0)
    fault = models.TextField(default="")
    # By the machine's clock, whatever the realm: when it failed last, and from when to try again.
    failed_at = models.DateTimeField(null=True)
    try_at = models.DateTimeField(null=True)
    # Why a person has set it aside for good.
    reason = models.TextField(default="", db_default="")

    class Meta:
        indexes = [
            models.Index(
                name="outbox_waiting", fields=["realm", "seq"], condition=models.Q(state="waiting")
            ),
            models.Index(
                name="outbox_in_order",
                fields=["realm", "subject", "seq"],
                condition=models.Q(state="waiting") & ~models.Q(subject=""),
            ),
            models.Index(
                name="outbox_laid_aside",
                fields=["state", "seq"],
                condition=models.Q(state__in=["dead", "set_aside"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="outbox_state",
                condition=models.Q(state__in=["waiting", "done", "dead", "set_aside"]),
            )
        ]


class Worker(models.Model):
    """One worker process, and when it was last heard of."""

    name = models.TextField(primary_key=True)
    host = models.TextField()
    pid = models.IntegerField()
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    # What its main thread does now, and since when: a worker that hangs still beats.
    doing = models.TextField(default="")
    doing_since = models.DateTimeField()


class Reading(models.Model):
    """The figures of one minute, kept so that the person on call sees how the day went."""

    at = models.DateTimeField(primary_key=True)
    body = models.JSONField()
