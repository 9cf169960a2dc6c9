"""The tables of the data platform: runs of ingestion, and rows set aside (promise P6, P10)."""

from django.db import models

from guantong.base.ids import new_id


class Run(models.Model):
    """One batch of one dataset. Its rows in the lake are read once the run has ``landed``."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    dataset = models.TextField()
    contract_version = models.TextField()
    batch_key = models.TextField()
    state = models.TextField()
    rows_good = models.IntegerField()
    rows_bad = models.IntegerField()
    delta_version = models.BigIntegerField(null=True)
    # Lineage: what a derived batch was made from, each dataset with its newest run and version.
    inputs = models.JSONField(default=dict)
    asked_by = models.TextField()
    started_at = models.DateTimeField()
    landed_at = models.DateTimeField(null=True)
    # SHA-256 of the Parquet file with the rows; empty when the batch had no good row.
    content_digest = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_batch_lands_once", fields=["realm", "dataset", "batch_key"]
            ),
            models.CheckConstraint(
                name="run_state", condition=models.Q(state__in=["landing", "landed"])
            ),
        ]
        indexes = [
            models.Index(name="run_landing", fields=["id"], condition=models.Q(state="landing")),
            models.Index(name="run_of_dataset", fields=["realm", "dataset", "id"]),
        ]


class Quarantined(models.Model):
    """A row that broke its contract: as it came, with every reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="quarantined")
    line = models.IntegerField()
    raw = models.JSONField()
    faults = models.JSONField()
    state = models.TextField(default="waiting")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="quarantine_state", condition=models.Q(state__in=["waiting"])
            ),
        ]
