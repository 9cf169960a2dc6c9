from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """An archived month may come back, and go again; the row says since when it is there, and all its files."""

    dependencies = [("audit", "0002_merkle_tree")]

    operations = [
        migrations.AddField(
            model_name="archived",
            name="returned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="archived",
            name="earlier_digests",
            field=ArrayField(models.TextField(), default=list),
        ),
    ]
