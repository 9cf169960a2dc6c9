from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("base", "0002_facts_in_order_workers_readings"),
    ]

    operations = [
        migrations.AddField(
            model_name="installation",
            name="real_since",
            field=models.DateTimeField(null=True),
        ),
    ]
