"""The tables of the brain: signals as they came, and alerts, one for each matter."""

from django.db import models
from django.db.models import Q

from guantong.base.ids import new_id


class SignalRow(models.Model):
    """What a rule answered for one matter on one run of data, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    signal = models.TextField()
    matter = models.TextField()
    division_code = models.CharField(max_length=12)
    level = models.TextField()
    at = models.DateTimeField()
    run_id = models.UUIDField()
    facts = models.JSONField(default=dict)
    hits = models.JSONField(default=list)
    # Which version of the rule answered; empty: the package's own file.
    rule_version = models.TextField(default="", db_default="")

    class Meta:
        db_table = "brain_signal"
        constraints = [
            models.UniqueConstraint(
                name="one_signal_of_a_run_and_matter",
                fields=["realm", "signal", "run_id", "matter"],
            )
        ]
        indexes = [
            models.Index(name="signal_of_matter", fields=["realm", "signal", "matter", "at"])
        ]


class AlertRow(models.Model):
    """One alert of one matter: opened once, then raised, lowered, ended, perhaps opened again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    package = models.TextField()
    signal = models.TextField()
    matter = models.TextField()
    division_code = models.CharField(max_length=12)
    level = models.TextField()
    highest_level = models.TextField()
    state = models.TextField()
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    below_since = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    because = models.TextField(default="")
    case_id = models.UUIDField(null=True)
    feedback = models.TextField(default="")
    facts = models.JSONField(default=dict)

    class Meta:
        db_table = "brain_alert"
        constraints = [
            # Promise P4, in the store: one alert of a matter, whoever hears it first.
            models.UniqueConstraint(
                name="one_alert_of_a_matter", fields=["realm", "signal", "matter"]
            ),
            models.CheckConstraint(name="alert_state", condition=Q(state__in=["open", "closed"])),
        ]
        indexes = [
            models.Index(name="alert_of_area", fields=["realm", "division_code"]),
            models.Index(
                name="alert_to_end", fields=["realm", "ends_at"], condition=Q(state="open")
            ),
        ]
