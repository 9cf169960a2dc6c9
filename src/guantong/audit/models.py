"""The two tables of the log: leaves as they were written, and entries, which give them order."""

from django.db import models

from guantong.base.ids import new_id


class LeafRow(models.Model):
    """A leaf, written with its change; its canonical bytes are kept as they were hashed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    kind = models.TextField()
    object_id = models.UUIDField(null=True)
    encoded = models.BinaryField()
    leaf_hash = models.BinaryField()
    seq = models.BigIntegerField(null=True)

    class Meta:
        db_table = "audit_leaf"
        indexes = [
            models.Index(name="audit_leaf_waiting", fields=["id"], condition=models.Q(seq=None)),
            models.Index(name="audit_leaf_of_object", fields=["kind", "object_id"]),
        ]


class Entry(models.Model):
    """A leaf's place in the log and the digest of the log up to it."""

    seq = models.BigIntegerField(primary_key=True)
    leaf_id = models.UUIDField(unique=True)
    leaf_hash = models.BinaryField()
    chain_hash = models.BinaryField()

    class Meta:
        db_table = "audit_entry"
