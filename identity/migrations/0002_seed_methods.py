"""The methods of rules.md, their admissions, and the suspension of 9 August 2022."""

from django.db import migrations


def seed(apps, schema_editor):
    from identity.methods.seeds import seed_methods

    seed_methods(*(apps.get_model("identity", name) for name in ("Method", "MethodAdmission", "Suspension")))


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_members_methods_cases_inbox")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop, elidable=False)]
