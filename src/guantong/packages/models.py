"""The tables of a rehearsal: what becomes known when, and what its actors still have to do.

Those of an application's life stand in ``guantong.packages.life.models``.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from guantong.packages.archive.publisher_models import TrustedPublisher as TrustedPublisher
from guantong.packages.life.models import AreaDifference as AreaDifference
from guantong.packages.life.models import Change as Change
from guantong.packages.life.models import Installed as Installed
from guantong.packages.life.models import ParameterValue as ParameterValue
from guantong.packages.life.models import Release as Release
from guantong.packages.life.models import ReleaseFile as ReleaseFile
from guantong.packages.life.models import SetVersion as SetVersion


class FeedRow(models.Model):
    """A row of the exercise's input, waiting for the instant at which it becomes known."""

    seq = models.BigAutoField(primary_key=True)
    realm = models.TextField()
    dataset = models.TextField()
    due_at = models.DateTimeField()
    row = models.JSONField()
    state = models.TextField(default="waiting")

    class Meta:
        db_table = "packages_feed"
        indexes = [
            models.Index(
                name="feed_waiting", fields=["realm", "due_at"], condition=Q(state="waiting")
            )
        ]


class Errand(models.Model):
    """What actors of an exercise do at one instant to some tasks: receive, accept, complete …"""

    seq = models.BigAutoField(primary_key=True)
    realm = models.TextField()
    due_at = models.DateTimeField()
    act = models.TextField()
    task_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "packages_errand"
        indexes = [models.Index(name="errand_due", fields=["realm", "due_at"])]


class Deed(models.Model):
    """What a scenario wants to happen, or to be true, at an instant; without one, at the end."""

    seq = models.BigAutoField(primary_key=True)
    realm = models.TextField()
    kind = models.TextField()  # "act" or "then"
    # Its place in the list of the scenario, so that a report can name the line.
    place = models.IntegerField()
    due_at = models.DateTimeField(null=True)
    wish = models.JSONField()
    state = models.TextField(default="waiting")
    done_at = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)

    class Meta:
        db_table = "packages_deed"
        constraints = [
            models.UniqueConstraint(name="one_deed_of_a_place", fields=["realm", "kind", "place"]),
            models.CheckConstraint(name="deed_kind", condition=Q(kind__in=["act", "then"])),
        ]
        indexes = [
            models.Index(name="deed_due", fields=["realm", "due_at"], condition=Q(state="waiting"))
        ]


class Passed(models.Model):
    """A way (sequence flow) that a case of a rehearsal has taken, and how often."""

    seq = models.BigAutoField(primary_key=True)
    realm = models.TextField()
    case_id = models.UUIDField()
    process = models.TextField()
    way = models.TextField()
    times = models.IntegerField()

    class Meta:
        db_table = "packages_passed"
        constraints = [
            models.UniqueConstraint(name="one_count_of_a_way", fields=["realm", "case_id", "way"])
        ]
