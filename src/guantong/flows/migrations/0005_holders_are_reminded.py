"""Whoever holds a task is reminded once before its limit; an index finds whose turn it is.

The index is made by hand: its expression is not one that a model can name. It is the same, to the
letter, as in ``guantong.flows.due``.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0004_timers_tried_again")]

    operations = [
        migrations.AddField(
            model_name="task", name="reminded_at", field=models.DateTimeField(null=True)
        ),
        migrations.RunSQL(
            "create index task_to_remind on flows_task (realm,"
            " ((((sent_at at time zone 'UTC') + (limit_at - sent_at) * 0.75)"
            " at time zone 'UTC'))) where state in ('dispatched', 'accepted', 'handling')"
            " and reminded_at is null and supervised_at is null",
            "drop index task_to_remind",
        ),
    ]
