"""Failed attempts of open cases are asked about too: let the index of silent attempts find them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0004_inbox_desk_permission"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="attempt",
            name="identity_attempt_silent",
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(
                condition=models.Q(("state__in", ["started", "failed", "expired"])),
                fields=["asked_at"],
                name="identity_attempt_silent",
            ),
        ),
    ]
