"""The table of rehearsals that are kept: what came of each, beside the release it was made of."""

from django.db import models
from django.db.models import Q

from guantong.base.ids import new_id
from guantong.packages.life.models import Release


class Rehearsal(models.Model):
    """What came of the scenarios of a release in a box, or of one with people. Never changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField()
    release = models.ForeignKey(Release, models.PROTECT, related_name="rehearsals")
    kind = models.TextField()  # "box" or "people"
    # The exercise with people that was judged; empty for a box, which is gone.
    realm = models.TextField(default="")
    at = models.DateTimeField()
    by = models.TextField()
    # How many scenarios were played, of how many the release has, and how many failed.
    played = models.IntegerField()
    declared = models.IntegerField()
    failed = models.IntegerField()
    seconds = models.FloatField()
    outcome = models.JSONField()
    # Scenario by scenario; apart, because only the report tells it.
    timelines = models.JSONField()

    class Meta:
        db_table = "packages_rehearsal"
        constraints = [
            models.CheckConstraint(name="rehearsal_kind", condition=Q(kind__in=["box", "people"])),
            models.UniqueConstraint(
                name="one_rehearsal_of_an_exercise", fields=["realm"], condition=~Q(realm="")
            ),
        ]
        indexes = [models.Index(name="rehearsal_of_package", fields=["package", "id"])]
