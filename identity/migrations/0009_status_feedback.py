"""What readers of the status page say about it."""

import django.utils.timezone
from django.db import migrations, models

import core.encryption.fields
import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0008_age_class"),
    ]

    operations = [
        migrations.CreateModel(
            name="StatusFeedback",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_comment="sensitive=false",
                        default=core.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "page",
                    models.CharField(
                        choices=[("status", "Status page"), ("plain", "Status page in plain German")],
                        db_comment="sensitive=false",
                        max_length=10,
                    ),
                ),
                (
                    "language",
                    models.CharField(db_comment="sensitive=false; of the page when it was answered", max_length=5),
                ),
                ("helpful", models.BooleanField(db_comment="sensitive=false")),
                (
                    "text",
                    core.encryption.fields.EncryptedTextField(
                        blank=True, db_comment="sensitive=true; free text", default="", max_length=1000
                    ),
                ),
                ("has_text", models.BooleanField(db_comment="sensitive=false", default=False)),
                (
                    "given_at",
                    models.DateTimeField(
                        db_comment="sensitive=false", db_index=True, default=django.utils.timezone.now
                    ),
                ),
            ],
            options={
                "ordering": ["-given_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("page__in", ["status", "plain"])), name="identity_statusfeedback_page_known"
                    )
                ],
            },
        ),
    ]
