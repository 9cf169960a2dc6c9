"""The tables of the log: leaves by the month of their place, tiles of the tree, signed heads.

``audit_leaf`` is partitioned by ``month``: leaves that wait for their place (``month`` and
``seq`` are empty) stand in a small table of their own, and each month has one. A leaf moves once
and is never changed afterwards; three years later its month leaves the store in one piece. A
partition by ranges of ``seq`` would never fill in a small county, so nothing could ever be taken
out there.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from guantong.base.ids import new_id


class Log(models.Model):
    """The log of this installation, and the algorithms it was founded with: one row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Never but one: a second log would let somebody exchange the first one.
    single = models.BooleanField(unique=True, default=True)
    suite = models.TextField()
    founded_at = models.DateTimeField()

    class Meta:
        db_table = "audit_log"
        constraints = [
            models.CheckConstraint(name="audit_log_single", condition=models.Q(single=True))
        ]


class LeafRow(models.Model):
    """A leaf, written with its change; its canonical bytes are kept as they are hashed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    kind = models.TextField()
    object_id = models.UUIDField(null=True)
    encoded = models.BinaryField()
    seq = models.BigIntegerField(null=True)  # its place, from 1
    month = models.DateField(null=True)  # the first day of the month in which it got its place

    class Meta:
        db_table = "audit_leaf"


class Tile(models.Model):
    """Up to 256 digests of one level of the tree, one behind the other (``tree``)."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    digests = models.BinaryField()

    class Meta:
        db_table = "audit_tile"


class HeadRow(models.Model):
    """A signed head (``note``)."""

    size = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    note = models.TextField()

    class Meta:
        db_table = "audit_head"


class Archived(models.Model):
    """A month whose leaves were written into a file and taken out of the store."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    month = models.DateField(unique=True)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    leaves = models.BigIntegerField()
    file_name = models.TextField()
    file_digest = models.TextField()
    archived_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True)  # since when its leaves are in the store again
    # Of the files written of it before, each time it came back and went again.
    earlier_digests = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "audit_archived"
