"""Who takes part without a post: citizens, enterprises and external systems.

Each is kept by one unit, which alone changes it. Names of citizens stand clear, as those of
officials do; numbers of identity and telephones are sealed and found again by their marks.
"""

from django.db import models
from django.db.models import Q

from guantong.base.ids import new_id


class Citizen(models.Model):
    """A natural person whom the government serves; an account of the citizen end carries the id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    identity = models.TextField()
    identity_mark = models.TextField()
    mobile = models.TextField(default="")
    mobile_mark = models.TextField(default="")
    division_code = models.CharField(max_length=12)
    unit_id = models.UUIDField(db_index=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="orgs_citizen_identity", fields=["identity_mark"])
        ]
        indexes = [
            models.Index(
                name="orgs_citizen_mobile", fields=["mobile_mark"], condition=~Q(mobile_mark="")
            )
        ]


class Enterprise(models.Model):
    """A legal entity, known by its uscc (统一社会信用代码)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    uscc = models.CharField(max_length=18)
    name = models.TextField()
    contact = models.TextField(default="")
    mobile = models.TextField(default="")
    mobile_mark = models.TextField(default="")
    division_code = models.CharField(max_length=12)
    unit_id = models.UUIDField(db_index=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="orgs_enterprise_uscc", fields=["uscc"])]


class ExternalSystem(models.Model):
    """A system outside this installation, known by the public key with which it signs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField()
    name = models.TextField()
    public_key = models.TextField()
    contact = models.TextField(default="")
    division_code = models.CharField(max_length=12)
    unit_id = models.UUIDField(db_index=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="orgs_externalsystem_code", fields=["code"])]
