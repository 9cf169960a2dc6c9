"""What an import plans: the plan, and a row for each row of the file. It changes nothing itself."""

from django.db import models

from guantong.base.ids import new_id

PLAN_STATES = ("reading", "open", "applying", "applied", "dropped")


class ImportPlan(models.Model):
    """One file somebody brought: what would change, what is in doubt, how far it is applied."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person_id = models.UUIDField(db_index=True)
    made_by = models.TextField()
    file_name = models.TextField()
    digest = models.TextField()
    state = models.TextField(default="open")
    # Whom the importer may administer: prefixes of divisions, and units.
    scope = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    # Faults of the file as a whole, such as a heading that is not known.
    remarks = models.JSONField(default=list)
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    on = models.DateField()
    made_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="orgs_importplan_state", condition=models.Q(state__in=PLAN_STATES)
            )
        ]


class ImportFile(models.Model):
    """The file of a plan, sealed, until it is applied or dropped; to read with other headings."""

    plan_id = models.UUIDField(primary_key=True)
    content = models.TextField()


class ImportRow(models.Model):
    """One row of a sheet: its cells, the changes it brings and the doubts about it."""

    id = models.BigAutoField(primary_key=True)
    plan_id = models.UUIDField()
    sheet = models.TextField()
    number = models.IntegerField()
    cells = models.JSONField()
    # Sealed, and their marks: no telephone stands clear in a plan.
    mobile = models.TextField(default="")
    mobile_mark = models.TextField(default="")
    identity = models.TextField(default="")
    identity_mark = models.TextField(default="")
    changes = models.JSONField()
    doubts = models.JSONField()
    in_doubt = models.BooleanField(default=False)
    skipped = models.BooleanField(default=False)
    applied = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(name="orgs_importrow_of_plan", fields=["plan_id", "sheet", "number"]),
            models.Index(
                name="orgs_importrow_in_doubt",
                fields=["plan_id"],
                condition=models.Q(in_doubt=True, skipped=False),
            ),
        ]
