"""The tables of orgs. Rows are loaded by COPY and read by plain SQL; nobody else touches them.

Every row is dated (promise P11): it holds from ``valid_from`` up to, not including,
``valid_to``. References inside the package are plain columns without a foreign key in the
store: a province is 300,000 rows, and checking each would be most of its founding.
"""

from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id


def _in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=name, condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from"))
    )


class Division(models.Model):
    """A place with a division code."""

    code = models.CharField(primary_key=True, max_length=12)
    name = models.TextField()
    name_en = models.TextField()
    tier = models.TextField()
    parent_code = models.CharField(max_length=12, null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [_in_order("orgs_division_dates")]


class Unit(models.Model):
    """A line unit, or the area unit of a division (``line`` is null)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField()
    line = models.TextField(null=True)
    tier = models.TextField()
    division_code = models.CharField(max_length=12)
    name_zh = models.TextField()
    name_en = models.TextField()
    # Since when the unit has the name above; before that day, see UnitName.
    named_from = models.DateField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    # The unit that took over when this one was merged.
    successor_id = models.UUIDField(null=True)

    class Meta:
        # A constraint, not unique=True, which would add a second index for LIKE.
        constraints = [
            _in_order("orgs_unit_dates"),
            models.UniqueConstraint(name="orgs_unit_code", fields=["code"]),
        ]
        indexes = [
            models.Index(
                name="orgs_unit_successor",
                fields=["successor_id"],
                condition=Q(successor_id__isnull=False),
            )
        ]


class UnitName(models.Model):
    """A name that a unit had once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField(db_index=True)
    name_zh = models.TextField()
    name_en = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField()

    class Meta:
        constraints = [_in_order("orgs_unitname_dates")]


class Post(models.Model):
    """A place to be filled in a unit: its head, its duty officer, the second duty officer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField(db_index=True)
    code = models.TextField()
    title = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="orgs_post_code", condition=Q(code__in=["head", "duty", "second_duty"])
            )
        ]


class Person(models.Model):
    """Somebody who holds posts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField()
    name = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(name="orgs_person_number", fields=["number"])]


class Appointment(models.Model):
    """A person holds a post for a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(db_index=True)
    post_id = models.UUIDField(db_index=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [_in_order("orgs_appointment_dates")]


class Jurisdiction(models.Model):
    """A unit answers for a line (or, without one, the territory) in an area for a time.

    Read whole into memory, so it has no index but its key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField()
    line = models.TextField(null=True)
    area_code = models.CharField(max_length=12)
    kind = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            _in_order("orgs_jurisdiction_dates"),
            models.CheckConstraint(
                name="orgs_jurisdiction_kind",
                condition=Q(kind__in=["territorial", "zone", "vertical"]),
            ),
        ]
