"""The tables of an application's life: releases, what is installed, what areas have said."""

from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id


class SaidByArea(models.Model):
    """What every word of an area has: which area, from when, why and by whom. Never removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField()
    division_code = models.CharField(max_length=12)
    from_day = models.DateField()
    to_day = models.DateField(null=True)
    why = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    # Taken back, overtaken by a release, or decided at an upgrade.
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    ended_why = models.TextField(default="")

    class Meta:
        abstract = True


class ParameterValue(SaidByArea):
    """A value of a parameter; a release that asks for another range overtakes it."""

    parameter = models.TextField()
    value = models.FloatField()

    class Meta:
        db_table = "packages_parameter_value"
        constraints = [
            models.CheckConstraint(
                name="parameter_span", condition=Q(to_day=None) | Q(to_day__gte=F("from_day"))
            )
        ]
        indexes = [models.Index(name="parameter_of_package", fields=["package", "parameter"])]


class AreaDifference(SaidByArea):
    """What an area says differently of one entry of a package."""

    # A word, a property of a field, an added field, as ``packages.areas.entry`` names it.
    entry = models.TextField()
    value = models.JSONField()

    class Meta:
        db_table = "packages_area_difference"
        constraints = [
            models.CheckConstraint(
                name="difference_span", condition=Q(to_day=None) | Q(to_day__gte=F("from_day"))
            )
        ]
        indexes = [models.Index(name="difference_of_package", fields=["package", "division_code"])]


class Release(models.Model):
    """One version of a package, its files byte for byte. Never changed, never removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField()
    version = models.TextField()
    # Of all its files with their paths: what is read back is compared with it.
    digest = models.CharField(max_length=64)
    # Who signed it; empty where nobody did.
    signer = models.TextField(default="")
    # "shipped" with the kernel, or brought as a "file".
    origin = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "packages_release"
        constraints = [
            models.UniqueConstraint(name="one_release_of_a_digest", fields=["package", "digest"])
        ]


class ReleaseFile(models.Model):
    """One file of a release."""

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey(Release, models.PROTECT, related_name="files")
    path = models.TextField()
    content = models.BinaryField()

    class Meta:
        db_table = "packages_release_file"
        constraints = [
            models.UniqueConstraint(name="one_file_of_a_path", fields=["release", "path"])
        ]


class Installed(models.Model):
    """Which release of a package works here, or worked until it was withdrawn."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField(unique=True)
    release = models.ForeignKey(Release, models.PROTECT)
    state = models.TextField()
    since = models.DateTimeField()
    by = models.TextField()
    why = models.TextField()

    class Meta:
        db_table = "packages_installation"
        constraints = [
            models.CheckConstraint(
                name="installation_state", condition=Q(state__in=["installed", "withdrawn"])
            )
        ]


class Change(models.Model):
    """What was installed, upgraded or withdrawn, when, by whom and why. Only ever added to."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField()
    act = models.TextField()
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    before = models.ForeignKey(Release, models.PROTECT, related_name="+", null=True)
    by = models.TextField()
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "packages_change"
        indexes = [models.Index(name="change_of_package", fields=["package", "at"])]


class SetVersion(models.Model):
    """A number that grows with each change of the set: by it every process sees one happened."""

    id = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField()

    class Meta:
        db_table = "packages_set_version"


class RuleVersion(models.Model):
    """A version of a decision table that was written here: drafted, released, or withdrawn.

    What was released is never changed and never removed: what it decided must stay readable.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField()
    path = models.TextField()
    # The file byte for byte; empty where the package's own file holds again.
    content = models.BinaryField()
    digest = models.CharField(max_length=64, blank=True)
    state = models.TextField()
    why = models.TextField()
    by = models.TextField()
    # Everybody who wrote at it, as the log names them: none of them releases it.
    authors = models.JSONField(default=list)
    at = models.DateTimeField()
    changed_at = models.DateTimeField()
    base_digest = models.CharField(max_length=64, blank=True)
    from_release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    from_version = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    from_day = models.DateField()
    begins_at = models.DateTimeField(null=True)
    released_by = models.TextField(default="")
    released_why = models.TextField(default="")
    released_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    ended_why = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "packages_rule_version"
        constraints = [
            models.CheckConstraint(
                name="rule_version_state",
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(state="released", begins_at__isnull=False, released_at__isnull=False),
            ),
            # Promise P2, in the store: who first wrote a version does not release it.
            models.CheckConstraint(
                name="rule_version_second_person",
                condition=Q(released_by="") | Q(digest="") | ~Q(released_by=F("by")),
            ),
        ]
        indexes = [models.Index(name="rule_version_of_path", fields=["package", "path", "state"])]
