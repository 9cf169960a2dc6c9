"""The table of objects: what is known now of each thing, with business time and record time."""

from django.db import models

from guantong.base.ids import new_id


class RegistryObject(models.Model):
    """One object of a type, in one realm. ``key`` is its public number within the type."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    realm = models.TextField()
    type = models.TextField()
    key = models.TextField()
    division_code = models.CharField(max_length=12)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    # Columns of class L3 and L4 are sealed in it; ``sealed_as`` says which, and under which key.
    body = models.JSONField()
    sealed_as = models.TextField(default="?", db_default="?")
    # Since when it is so in the world, and since when we know.
    valid_from = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "registry_object"
        constraints = [
            models.UniqueConstraint(name="one_object_of_a_key", fields=["realm", "type", "key"])
        ]
        indexes = [
            models.Index(name="registry_object_of_area", fields=["realm", "type", "division_code"]),
            models.Index(name="registry_object_sealed_as", fields=["type", "sealed_as"]),
        ]
