from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_access_keys"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="accesskey", name="access_accesskey_ended"),
        migrations.AddConstraint(
            model_name="accesskey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_because", "")),
                    models.Q(
                        ("ended_at__isnull", False),
                        (
                            "ended_because__in",
                            (
                                "revoked",
                                "closed",
                                "password",
                                "post",
                                "administrator",
                                "restored",
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="access_accesskey_ended",
            ),
        ),
    ]
