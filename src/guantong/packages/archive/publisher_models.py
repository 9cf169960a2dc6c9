"""The table of publishers whose keys this installation knows."""

from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id
from guantong.base.signing import ALGORITHMS


class TrustedPublisher(models.Model):
    """One key of one publisher; a row is never removed, a key taken back never comes again."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    algorithm = models.TextField()
    public = models.BinaryField()
    since_at = models.DateTimeField()
    until_at = models.DateTimeField()
    # The person who answers for it; the command line is told who that is.
    added_by = models.UUIDField()
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    withdrawn_because = models.TextField(default="", db_default="")

    class Meta:
        db_table = "packages_publisher"
        constraints = [
            models.UniqueConstraint(name="publisher_key_once", fields=["algorithm", "public"]),
            models.CheckConstraint(
                name="publisher_algorithm", condition=Q(algorithm__in=list(ALGORITHMS))
            ),
            models.CheckConstraint(
                name="publisher_for_a_time", condition=Q(until_at__gt=F("since_at"))
            ),
            models.CheckConstraint(
                name="publisher_withdrawn_with_a_reason",
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                    & ~Q(withdrawn_because="")
                ),
            ),
        ]
