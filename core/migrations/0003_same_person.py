"""Accounts that are flagged as one person's: where two people are needed they count as one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_shared_cache"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="same_person_as",
            field=models.ForeignKey(
                blank=True,
                db_comment="sensitive=false; one person with two accounts: where two people are needed they count as one",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="same person as",
            ),
        ),
    ]
