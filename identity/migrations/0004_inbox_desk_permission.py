"""The right to work on the inbox desk; and two options of suspensions that the models had before their migration."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_address_history"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="inboxentry",
            options={"permissions": [("work_inbox_desk", "May work on the inbox desk")]},
        ),
        migrations.AlterModelOptions(
            name="suspension",
            options={
                "ordering": ["-effective_from", "-pk"],
                "permissions": [("steer_methods", "May suspend methods and admit them again")],
            },
        ),
        migrations.AlterField(
            model_name="suspension",
            name="effective_from",
            field=models.DateTimeField(db_comment="sensitive=false", default=django.utils.timezone.now),
        ),
    ]
