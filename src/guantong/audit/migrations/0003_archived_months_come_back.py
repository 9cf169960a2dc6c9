from django.db import migrations, models


class Migration(migrations.Migration):
    """An archived month may come back into the store; the row says since when it is there again."""

    dependencies = [("audit", "0002_merkle_tree")]

    operations = [
        migrations.AddField(
            model_name="archived",
            name="returned_at",
            field=models.DateTimeField(null=True),
        ),
    ]
