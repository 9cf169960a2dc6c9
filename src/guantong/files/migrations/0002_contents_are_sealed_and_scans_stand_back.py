"""Contents remember the key that seals them; a file the scanner has no answer to stands back.

No content is sealed here: the worker does it by and by, so that the upgrade does not wait for it.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_attachments_and_documents")]

    operations = [
        migrations.CreateModel(
            name="Content",
            fields=[
                (
                    "digest",
                    models.CharField(max_length=64, primary_key=True, serialize=False),
                ),
                ("key", models.TextField()),
                ("tried_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "files_content"},
        ),
        migrations.AddIndex(
            model_name="content",
            index=models.Index(fields=["key"], name="files_content_key"),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="scan_again_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="storedfile",
            name="scan_misses",
            field=models.IntegerField(default=0),
        ),
    ]
