"""The tables of residents: which records are about a citizen, and the looks she contests."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id


class Residence(models.Model):
    """A record of the registry (a household) that is about a citizen, once she has accepted it.

    Offered by a code that the village hands over against the identity document; the code is kept
    as a keyed digest only.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    citizen_id = models.UUIDField()
    realm = models.TextField()
    object_id = models.UUIDField(db_index=True)
    unit_id = models.UUIDField()
    division_code = models.CharField(max_length=12)
    code_hash = models.CharField(max_length=64)
    made_by = models.TextField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Ended by an official and not by herself: the looks up to then stay hers to read and contest.
    taken = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="access_residence_once",
                fields=["citizen_id", "object_id"],
                condition=Q(ended_at=None),
            ),
        ]


class Contest(models.Model):
    """A citizen does not understand a look at her record and asks; somebody else answers.

    ``unit_ids`` are the units whose heads may answer: the looker's own and one above it. The store
    holds that whoever looked does not answer (promise P2).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    look_id = models.UUIDField()
    looker_id = models.UUIDField()
    citizen_id = models.UUIDField(db_index=True)
    unit_ids = ArrayField(models.UUIDField())
    division_code = models.CharField(max_length=12, null=True)
    why = models.TextField()
    asked_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    outcome = models.TextField(default="")
    answer = models.TextField(default="")
    answered_by = models.UUIDField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A look at a list is a look at many records: each citizen asks for herself.
            models.UniqueConstraint(name="access_contest_once", fields=["look_id", "citizen_id"]),
            models.CheckConstraint(
                name="access_contest_outcome", condition=Q(outcome__in=["", "founded", "unfounded"])
            ),
            models.CheckConstraint(
                name="access_contest_second_person",
                condition=Q(answered_by=None) | ~Q(answered_by=F("looker_id")),
            ),
            models.CheckConstraint(
                name="access_contest_answered",
                condition=Q(outcome="", answered_by=None, answered_at=None)
                | (
                    ~Q(outcome="")
                    & ~Q(answer="")
                    & Q(answered_by__isnull=False, answered_at__isnull=False)
                ),
            ),
        ]
