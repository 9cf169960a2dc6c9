"""Running cases may go over to another release of their package, one by one."""

from django.db import migrations, models
from django.db.models import Q

from guantong.base.ids import new_id


class Migration(migrations.Migration):
    dependencies = [("flows", "0007_who_opens_a_case_takes_no_part")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="came_from",
            field=models.TextField(default="", db_default=""),
        ),
        migrations.AddField(model_name="task", name="release", field=models.TextField(null=True)),
        migrations.CreateModel(
            name="CaseMove",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        primary_key=True, default=new_id, editable=False, serialize=False
                    ),
                ),
                ("realm", models.TextField()),
                ("case_id", models.UUIDField()),
                ("package", models.TextField()),
                ("process", models.TextField()),
                ("was", models.TextField()),
                ("becomes", models.TextField()),
                ("state", models.TextField(default="waiting")),
                ("why", models.TextField(default="")),
                ("place", models.TextField(default="")),
                ("from_places", models.TextField(default="")),
                ("to_places", models.TextField(default="")),
                ("attempts", models.SmallIntegerField(default=0)),
                ("fault", models.TextField(default="")),
                ("fault_facts", models.JSONField(default=dict)),
                ("try_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "flows_case_move",
                "indexes": [
                    models.Index(
                        name="move_that_waits", fields=["id"], condition=Q(state="waiting")
                    ),
                    models.Index(name="move_to_release", fields=["package", "becomes"]),
                ],
                "constraints": [
                    models.CheckConstraint(
                        name="case_move_state",
                        condition=Q(state__in=["waiting", "moved", "stays", "ended", "overtaken"]),
                    ),
                    models.UniqueConstraint(
                        name="one_move_of_a_case", fields=["case_id", "becomes"]
                    ),
                ],
            },
        ),
    ]
