"""Addresses and card states are only ever added to; an address may come back, so it is no longer unique."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_seed_methods"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="address",
            name="identity_address_once",
        ),
        migrations.RemoveField(
            model_name="address",
            name="digest",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="address",
            trigger=pgtrigger.compiler.Trigger(
                name="no_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="bb8dd5ac77874eb90df46cc65b2d709dde8035bb",
                    operation="UPDATE",
                    pgid="pgtrigger_no_update_a5a78",
                    table="identity_address",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="cardstatechange",
            trigger=pgtrigger.compiler.Trigger(
                name="no_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="064093225a608b7832196d591d1e0755bf46bf81",
                    operation="UPDATE",
                    pgid="pgtrigger_no_update_e6bcb",
                    table="identity_cardstatechange",
                    when="BEFORE",
                ),
            ),
        ),
    ]
