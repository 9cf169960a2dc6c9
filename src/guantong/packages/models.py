"""The tables of a rehearsal: what becomes known when, and what its actors still have to do.

Those of an application's life stand in ``guantong.packages.life.models``.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

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
