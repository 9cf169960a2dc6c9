"""The tables of looks at personal data: who has seen what and why, and who opened it to whom."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from guantong.base.ids import new_id

STATES = ("asked", "approved", "refused", "withdrawn")


class Approval(models.Model):
    """Somebody asks to see sealed fields of one record for one purpose; a second person answers.

    ``unit_ids`` are the units whose heads may answer: the one that holds the record, and its
    superior. Opened only while ``state`` is approved and ``valid_until`` has not come.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    kind = models.TextField()
    object_id = models.UUIDField()
    division_code = models.CharField(max_length=12, null=True)
    unit_ids = ArrayField(models.UUIDField())
    title = models.TextField()
    title_en = models.TextField()
    href = models.TextField()
    asker_id = models.UUIDField(db_index=True)
    purpose = models.TextField()
    why = models.TextField()
    hours = models.IntegerField()
    asked_at = models.DateTimeField()
    state = models.TextField(default="asked")
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    answer = models.TextField(default="")
    valid_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="access_approval_state", condition=Q(state__in=list(STATES))
            ),
            # Two persons: the store holds it, whatever the program above it does.
            models.CheckConstraint(
                name="access_approval_second_person",
                condition=Q(decided_by__isnull=True)
                | ~Q(state__in=["approved", "refused"])
                | ~Q(decided_by=models.F("asker_id")),
            ),
            models.CheckConstraint(
                name="access_approval_dated",
                condition=~Q(state="approved")
                | Q(decided_by__isnull=False, valid_until__isnull=False),
            ),
            models.UniqueConstraint(
                name="access_approval_one_open",
                fields=["realm", "kind", "object_id", "asker_id", "purpose"],
                condition=Q(state="asked"),
            ),
        ]
        indexes = [
            models.Index(
                name="access_approval_opened",
                fields=["asker_id", "object_id"],
                condition=Q(state="approved"),
            ),
            models.Index(name="access_approval_asked", fields=["state", "asked_at"]),
        ]


class Look(models.Model):
    """Somebody saw personal fields in the clear: of one record, or of a list of a division."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    at = models.DateTimeField()
    person_id = models.UUIDField(db_index=True)
    unit_id = models.UUIDField(null=True)
    kind = models.TextField()
    # Of a list it is empty, and ``under`` says of which division (its leading digits).
    object_id = models.UUIDField(null=True)
    under = models.TextField(default="")
    type = models.TextField(default="")
    purpose = models.TextField()
    classes = models.TextField()
    approval_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(name="access_look_object", fields=["object_id", "at"]),
            models.Index(
                name="access_look_list",
                fields=["realm", "kind", "under"],
                condition=Q(object_id__isnull=True),
            ),
        ]
