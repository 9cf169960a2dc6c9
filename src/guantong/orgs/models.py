"""The tables of orgs. Rows are loaded by COPY and read by plain SQL; nobody else touches them.

Every row is dated (promise P11): it holds from ``valid_from`` up to, not including,
``valid_to``. References inside the package are plain columns without a foreign key in the
store: a province is 300,000 rows, and checking each would be most of its founding.

``founded`` says that a row stands as the founding wrote it; see ``witness`` for what that is for.
Participants and imports have tables of their own in ``participant_models`` and ``import_models``.
"""

from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id

# The posts a unit may have. The first three are filled by one person at a time.
POST_CODES = ("head", "duty", "second_duty", "deputy_head", "administrator", "staff")
SINGLE_POSTS = frozenset(POST_CODES[:3])


def in_order(name: str) -> models.CheckConstraint:
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
        constraints = [in_order("orgs_division_dates")]


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
    # The unit this one was split from.
    origin_id = models.UUIDField(null=True)
    # An office (科室) stands below its bureau; a unit of the province's book has none.
    parent_id = models.UUIDField(null=True)
    founded = models.BooleanField(default=False, db_default=True)

    class Meta:
        # A constraint, not unique=True, which would add a second index for LIKE.
        constraints = [
            in_order("orgs_unit_dates"),
            models.UniqueConstraint(name="orgs_unit_code", fields=["code"]),
        ]
        indexes = [
            models.Index(
                name="orgs_unit_successor",
                fields=["successor_id"],
                condition=Q(successor_id__isnull=False),
            ),
            models.Index(
                name="orgs_unit_parent",
                fields=["parent_id"],
                condition=Q(parent_id__isnull=False),
            ),
            models.Index(name="orgs_unit_place", fields=["division_code"]),
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
        constraints = [in_order("orgs_unitname_dates")]


class Post(models.Model):
    """A place to be filled in a unit: its head, its duty officer, the second duty officer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField(db_index=True)
    code = models.TextField()
    title = models.TextField()
    founded = models.BooleanField(default=False, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="orgs_post_code", condition=Q(code__in=POST_CODES))
        ]


class Person(models.Model):
    """Somebody who holds posts."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.TextField()
    name = models.TextField()
    # Sealed (class L3 and L4); the mark is a keyed digest, to find the same value again.
    mobile = models.TextField(default="", db_default="")
    mobile_mark = models.TextField(default="", db_default="")
    identity = models.TextField(default="", db_default="")
    identity_mark = models.TextField(default="", db_default="")
    founded = models.BooleanField(default=False, db_default=True)

    class Meta:
        constraints = [models.UniqueConstraint(name="orgs_person_number", fields=["number"])]
        indexes = [
            models.Index(
                name="orgs_person_mobile", fields=["mobile_mark"], condition=~Q(mobile_mark="")
            ),
            models.Index(
                name="orgs_person_identity",
                fields=["identity_mark"],
                condition=~Q(identity_mark=""),
            ),
        ]


class Appointment(models.Model):
    """A person holds a post for a time, or acts in it while its holder cannot (代理)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(db_index=True)
    post_id = models.UUIDField(db_index=True)
    kind = models.TextField(default="held", db_default="held")
    # The document that appoints (任免文号), where there is one.
    basis = models.TextField(default="", db_default="")
    # Who made it, as the log names them; not known of what the founding or 0.1.0 made.
    made_by = models.TextField(default="", db_default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    founded = models.BooleanField(default=False, db_default=True)

    class Meta:
        constraints = [
            in_order("orgs_appointment_dates"),
            models.CheckConstraint(
                name="orgs_appointment_kind", condition=Q(kind__in=["held", "acting"])
            ),
            # Nobody acts for ever: an acting post has an end.
            models.CheckConstraint(
                name="orgs_appointment_acting_ends",
                condition=~Q(kind="acting") | Q(valid_to__isnull=False),
            ),
        ]


class Delegation(models.Model):
    """One person lets another act in a post of theirs until a day (授权委托)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    from_person_id = models.UUIDField(db_index=True)
    to_person_id = models.UUIDField(db_index=True)
    post_id = models.UUIDField(db_index=True)
    reason = models.TextField(default="")
    valid_from = models.DateField()
    valid_to = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.TextField()

    class Meta:
        constraints = [
            in_order("orgs_delegation_dates"),
            models.CheckConstraint(
                name="orgs_delegation_to_another",
                condition=~Q(from_person_id=F("to_person_id")),
            ),
        ]


class DutyShift(models.Model):
    """A person is on duty in a unit from one time to another (值班表)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField()
    person_id = models.UUIDField(db_index=True)
    # On duty (值班), second on duty (副班), or leading the shift (带班).
    part = models.TextField(default="duty")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                name="orgs_shift_of_unit",
                fields=["unit_id", "ends_at"],
                condition=Q(cancelled=False),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="orgs_shift_times", condition=Q(ends_at__gt=F("starts_at"))
            ),
            models.CheckConstraint(
                name="orgs_shift_part", condition=Q(part__in=["lead", "duty", "second"])
            ),
            models.UniqueConstraint(
                name="orgs_shift_once",
                fields=["unit_id", "person_id", "starts_at", "ends_at"],
                condition=Q(cancelled=False),
            ),
        ]


class ShiftSwap(models.Model):
    """One person asks another to take their shift and gives theirs (换班); answered once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField(db_index=True)
    shift_id = models.UUIDField()
    other_shift_id = models.UUIDField()
    # Who asked: the person of the first shift, or whoever administers the unit.
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    state = models.TextField(default="asked")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="orgs_shiftswap_state",
                condition=Q(state__in=["asked", "done", "declined", "void"]),
            )
        ]


class OrganisationVersion(models.Model):
    """Numbers that processes compare: row 1 counts the changes of jurisdiction, row 2 is a day."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField()


class FoundingSeal(models.Model):
    """What the rows of one table that nobody has changed since the founding add up to."""

    table = models.TextField(primary_key=True)
    id = models.UUIDField(unique=True, default=new_id, editable=False)
    rows = models.BigIntegerField()
    sums = models.TextField()


class Jurisdiction(models.Model):
    """A unit answers for a line (or, without one, the territory) in an area for a time.

    Read whole into memory to find who answers; by unit, for what a unit answers for.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    unit_id = models.UUIDField()
    line = models.TextField(null=True)
    area_code = models.CharField(max_length=12)
    kind = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    founded = models.BooleanField(default=False, db_default=True)

    class Meta:
        indexes = [models.Index(name="orgs_jurisdiction_unit", fields=["unit_id"])]
        constraints = [
            in_order("orgs_jurisdiction_dates"),
            models.CheckConstraint(
                name="orgs_jurisdiction_kind",
                condition=Q(kind__in=["territorial", "zone", "vertical"]),
            ),
        ]


class FallbackChain(models.Model):
    """What answers for a line in an area where it has no unit, from a day on (承接顺序)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    line = models.TextField()
    area_code = models.CharField(max_length=12)
    # The links in their order, with a comma between.
    chain = models.TextField()
    # The document that declares it, where there is one.
    basis = models.TextField(default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            in_order("orgs_fallbackchain_dates"),
            models.CheckConstraint(name="orgs_fallbackchain_links", condition=~Q(chain="")),
            # One chain at a time: two open ones would each be the answer.
            models.UniqueConstraint(
                name="orgs_fallbackchain_open",
                fields=["line", "area_code"],
                condition=Q(valid_to__isnull=True),
            ),
        ]


# Django finds the tables of an application in this module.
from guantong.orgs.import_models import ImportFile, ImportPlan, ImportRow  # noqa: E402
from guantong.orgs.participant_models import Citizen, Enterprise, ExternalSystem  # noqa: E402

__all__ = [
    "POST_CODES",
    "SINGLE_POSTS",
    "Appointment",
    "Citizen",
    "Delegation",
    "Division",
    "DutyShift",
    "Enterprise",
    "ExternalSystem",
    "FallbackChain",
    "FoundingSeal",
    "ImportFile",
    "ImportPlan",
    "ImportRow",
    "Jurisdiction",
    "OrganisationVersion",
    "Person",
    "Post",
    "ShiftSwap",
    "Unit",
    "UnitName",
]
