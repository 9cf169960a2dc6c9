"""Leave room on each page of tasks, so that receipts are written in place and touch no index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "alter table flows_task set (fillfactor = 60)",
            "alter table flows_task reset (fillfactor)",
        )
    ]
