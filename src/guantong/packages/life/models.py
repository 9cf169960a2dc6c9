"""The tables of an application's life: the values areas have set for its parameters."""

from django.db import models
from django.db.models import F, Q

from guantong.base.ids import new_id


class ParameterValue(models.Model):
    """What an area has said of a parameter: a value, from when, why and by whom. Never removed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    package = models.TextField()
    parameter = models.TextField()
    division_code = models.CharField(max_length=12)
    value = models.FloatField()
    from_day = models.DateField()
    to_day = models.DateField(null=True)
    why = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    # Taken back, or overtaken by a release of the package that asks for another range.
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    ended_why = models.TextField(default="")

    class Meta:
        db_table = "packages_parameter_value"
        constraints = [
            models.CheckConstraint(
                name="parameter_span", condition=Q(to_day=None) | Q(to_day__gte=F("from_day"))
            )
        ]
        indexes = [models.Index(name="parameter_of_package", fields=["package", "parameter"])]
