"""An attempt that is found again after its method was suspended may go from unreached to cancelled."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0005_poll_failed_attempts"),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name="attempt",
            name="only_known_moves",
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="only_known_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{intended:cancelled,intended:started,intended:unreached,unreached:cancelled,unreached:started,started:cancelled,started:expired,started:failed,started:rejected,started:succeeded,started:surplus,started:withheld,failed:expired,failed:late,failed:rejected,failed:succeeded,failed:surplus,failed:withheld,expired:late,expired:rejected,expired:surplus,expired:withheld,cancelled:surplus,cancelled:withheld,late:succeeded,late:surplus,late:withheld,succeeded:rejected}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="86776cc96802281f88693c8269f2fdaf081ad060",
                    operation="UPDATE",
                    pgid="pgtrigger_only_known_moves_1a83f",
                    table="identity_attempt",
                    when="BEFORE",
                ),
            ),
        ),
    ]
