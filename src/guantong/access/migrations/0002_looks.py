import django.contrib.postgres.fields
from django.db import migrations, models

import guantong.base.ids


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=guantong.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("realm", models.TextField()),
                ("kind", models.TextField()),
                ("object_id", models.UUIDField()),
                ("division_code", models.CharField(max_length=12, null=True)),
                (
                    "unit_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("title", models.TextField()),
                ("title_en", models.TextField()),
                ("href", models.TextField()),
                ("asker_id", models.UUIDField(db_index=True)),
                ("purpose", models.TextField()),
                ("why", models.TextField()),
                ("hours", models.IntegerField()),
                ("asked_at", models.DateTimeField()),
                ("state", models.TextField(default="asked")),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("answer", models.TextField(default="")),
                ("valid_until", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "approved")),
                        fields=["asker_id", "object_id"],
                        name="access_approval_opened",
                    ),
                    models.Index(fields=["state", "asked_at"], name="access_approval_asked"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["asked", "approved", "refused", "withdrawn"])
                        ),
                        name="access_approval_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("state__in", ["approved", "refused"]), _negated=True),
                            models.Q(("decided_by", models.F("asker_id")), _negated=True),
                            _connector="OR",
                        ),
                        name="access_approval_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "approved"), _negated=True),
                            models.Q(("decided_by__isnull", False), ("valid_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="access_approval_dated",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "asked")),
                        fields=("realm", "kind", "object_id", "asker_id", "purpose"),
                        name="access_approval_one_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=guantong.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("realm", models.TextField()),
                ("at", models.DateTimeField()),
                ("person_id", models.UUIDField(db_index=True)),
                ("unit_id", models.UUIDField(null=True)),
                ("kind", models.TextField()),
                ("object_id", models.UUIDField(null=True)),
                ("under", models.TextField(default="")),
                ("type", models.TextField(default="")),
                ("purpose", models.TextField()),
                ("classes", models.TextField()),
                ("approval_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["object_id", "at"], name="access_look_object"),
                    models.Index(
                        condition=models.Q(("object_id__isnull", True)),
                        fields=["realm", "kind", "under"],
                        name="access_look_list",
                    ),
                ],
            },
        ),
    ]
