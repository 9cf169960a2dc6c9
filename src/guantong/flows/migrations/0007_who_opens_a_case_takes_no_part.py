"""Who opened a case neither does the work that others accept nor accepts it; rejections count."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("flows", "0006_cases_keep_their_release")]

    operations = [
        migrations.AddField(model_name="task", name="opener_id", field=models.UUIDField(null=True)),
        migrations.AddField(
            model_name="task",
            name="rejected_times",
            field=models.SmallIntegerField(default=0, db_default=0),
        ),
        migrations.AddField(
            model_name="case", name="follows_id", field=models.UUIDField(null=True)
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                name="case_that_follows", fields=["follows_id"], condition=~Q(follows_id=None)
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                name="opener_neither_does_nor_accepts",
                condition=Q(opener_id=None)
                | (Q(doer_id=None) | ~Q(doer_id=F("opener_id")))
                & (Q(accepter_id=None) | ~Q(accepter_id=F("opener_id"))),
            ),
        ),
    ]
