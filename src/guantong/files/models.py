"""The tables of files and of issued documents, and the counters their numbers come from."""

from django.db import models

from guantong.base.ids import new_id


class StoredFile(models.Model):
    """One file of one record. Its bytes lie on disk under ``digest``; rows may share them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    # What it belongs to: a case, a task, a document.
    owner_kind = models.TextField()
    owner_id = models.UUIDField()
    name = models.TextField()
    type = models.TextField()
    size = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    # L3: it shows persons, and only who takes part in the record may open it.
    classification = models.CharField(max_length=2, default="L2")
    scan = models.TextField(default="not_scanned")
    scanned_at = models.DateTimeField(null=True)
    # How often the scanner had no answer to it, and when it is asked again.
    scan_misses = models.IntegerField(default=0)
    scan_again_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    person_id = models.UUIDField(null=True)
    unit_id = models.UUIDField(null=True)
    # A removed file leaves its row; its bytes go when nobody can want them back any more.
    removed_at = models.DateTimeField(null=True)
    removed_by = models.UUIDField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "files_file"
        indexes = [
            models.Index(name="files_file_of_record", fields=["realm", "owner_kind", "owner_id"]),
            models.Index(name="files_file_digest", fields=["digest"]),
            models.Index(
                name="files_file_to_scan", fields=["id"], condition=models.Q(scan="waiting")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="files_file_scan",
                condition=models.Q(scan__in=["waiting", "clean", "refused", "not_scanned"]),
            ),
            models.CheckConstraint(
                name="files_file_class", condition=models.Q(classification__in=["L1", "L2", "L3"])
            ),
        ]


class Content(models.Model):
    """The key that seals one content on disk, as its head said last; empty where it lies open."""

    digest = models.CharField(primary_key=True, max_length=64)
    key = models.TextField()
    # It could not be sealed then; it is tried again later.
    tried_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "files_content"
        indexes = [models.Index(name="files_content_key", fields=["key"])]


class Counter(models.Model):
    """The last number of one unit's documents in one year, in one realm: without gaps."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    unit_id = models.UUIDField()
    year = models.SmallIntegerField()
    last = models.IntegerField()

    class Meta:
        db_table = "files_counter"
        constraints = [
            models.UniqueConstraint(
                name="one_counter_of_a_unit_and_year", fields=["realm", "unit_id", "year"]
            )
        ]


class IssuedDocument(models.Model):
    """One document as it was issued: it never changes; it can only be declared void."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    kind = models.TextField()
    owner_kind = models.TextField()
    owner_id = models.UUIDField()
    unit_id = models.UUIDField()
    unit_name = models.TextField()
    year = models.SmallIntegerField()
    serial = models.IntegerField()
    agency_word = models.TextField()
    number = models.TextField()
    # What was written may name people: sealed at rest.
    content = models.TextField()
    content_digest = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    issued_by = models.UUIDField(null=True)
    sealed_by = models.TextField(default="")
    # Whoever holds the paper finds it under this code.
    code = models.CharField(max_length=24, unique=True)
    void_at = models.DateTimeField(null=True)
    void_by = models.UUIDField(null=True)
    void_reason = models.TextField(default="")

    class Meta:
        db_table = "files_document"
        indexes = [
            models.Index(
                name="files_document_of_record", fields=["realm", "owner_kind", "owner_id"]
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="one_document_of_a_number", fields=["realm", "unit_id", "year", "serial"]
            )
        ]
