"""The control room: what an order says and does, proposals to lift one, the history of methods, people affected."""

import datetime

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


def complete_orders(apps, schema_editor):
    """Orders from before this step: a plain text, and over when they had ended on evidence."""
    orders = apps.get_model("identity", "Suspension").objects
    orders.update(public_text_plain=models.F("public_text_de"))
    orders.exclude(evidence="").update(over_at=models.F("ends_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0006_cancel_unreached_attempts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AffectedCase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("moved", "Has to choose another way"),
                            ("frozen", "Place kept, clocks stopped"),
                            ("may_finish", "May finish until the moment named"),
                            ("asked_again", "Identification withdrawn from use, asked again"),
                            ("kept", "Nothing changes: the result counts"),
                        ],
                        db_comment="sensitive=false",
                        max_length=20,
                    ),
                ),
                (
                    "before",
                    models.JSONField(
                        db_comment="sensitive=false; states and moments of the rows it changed", default=dict
                    ),
                ),
                ("carried_at", models.DateTimeField(db_comment="sensitive=false")),
                (
                    "closing",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("thawed", "Clocks run again"),
                            ("undone", "Order taken back, everything as before"),
                            ("finish_over", "Time to finish is over, has to choose another way"),
                        ],
                        db_comment="sensitive=false",
                        max_length=20,
                    ),
                ),
                ("closed_at", models.DateTimeField(db_comment="sensitive=false", null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Lifting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "evidence",
                    models.CharField(
                        db_comment="sensitive=false; reference to what proves it safe again", max_length=200
                    ),
                ),
                (
                    "at",
                    models.DateTimeField(
                        blank=True, db_comment="sensitive=false; empty: when it is approved", null=True
                    ),
                ),
                (
                    "quarantine_end",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("release", "Release: they count as if they came now"),
                            ("refuse", "Refuse: they grant nothing, the people choose another way"),
                        ],
                        db_comment="sensitive=false; for a freeze",
                        max_length=10,
                    ),
                ),
                (
                    "percents",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.PositiveSmallIntegerField(
                            validators=[
                                django.core.validators.MinValueValidator(1),
                                django.core.validators.MaxValueValidator(100),
                            ]
                        ),
                        blank=True,
                        db_comment="sensitive=false; gradual readmission; empty: for all at once",
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "step_hours",
                    models.PositiveIntegerField(db_comment="sensitive=false; hours each percentage lasts", default=0),
                ),
                (
                    "proposed_by",
                    models.CharField(db_comment="sensitive=false; public_id of the administrator", max_length=60),
                ),
                ("proposed_at", models.DateTimeField(db_comment="sensitive=false", default=django.utils.timezone.now)),
                (
                    "approved_by",
                    models.CharField(blank=True, db_comment="sensitive=false; public_id of another one", max_length=60),
                ),
                ("approved_at", models.DateTimeField(blank=True, db_comment="sensitive=false", null=True)),
                ("withdrawn_by", models.CharField(blank=True, db_comment="sensitive=false; public_id", max_length=60)),
                ("withdrawn_at", models.DateTimeField(blank=True, db_comment="sensitive=false", null=True)),
            ],
            options={
                "ordering": ["-proposed_at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="MethodChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("imposed", "Suspended"),
                            ("confirmed", "Suspension confirmed by a second administrator"),
                            ("undone", "Suspension taken back within minutes"),
                            ("lifting_proposed", "Lifting proposed"),
                            ("lifting_withdrawn", "Proposal to lift withdrawn"),
                            ("lifted", "Lifted by two administrators"),
                            ("readmission_stopped", "Readmission stopped by itself"),
                            ("campaign_started", "Re-verification campaign started"),
                            ("campaign_ended", "Re-verification campaign ended"),
                        ],
                        db_comment="sensitive=false",
                        max_length=30,
                    ),
                ),
                ("at", models.DateTimeField(db_comment="sensitive=false", default=django.utils.timezone.now)),
                (
                    "actor",
                    models.CharField(
                        db_comment="sensitive=false; public_id of the administrator or 'system'", max_length=60
                    ),
                ),
                ("facts", models.JSONField(db_comment="sensitive=false; codes, moments and references", default=dict)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="OrderRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("middle", "People in the middle"),
                            ("voiding", "Identifications withdrawn from use"),
                            ("finish_over", "Time to finish is over"),
                            ("thaw", "Clocks run again"),
                            ("release", "Results out of quarantine"),
                            ("undo", "Taken back"),
                        ],
                        db_comment="sensitive=false",
                        max_length=20,
                    ),
                ),
                (
                    "cursor",
                    models.CharField(
                        blank=True, db_comment="sensitive=false; the last row that was done", max_length=80
                    ),
                ),
                ("total", models.PositiveIntegerField(db_comment="sensitive=false; counted at the start", default=0)),
                ("done", models.PositiveIntegerField(db_comment="sensitive=false", default=0)),
                ("started_at", models.DateTimeField(db_comment="sensitive=false")),
                ("finished_at", models.DateTimeField(db_comment="sensitive=false", null=True)),
            ],
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="attempt",
            name="only_known_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="identificationcase",
            name="only_known_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="review",
            name="only_known_moves",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="suspension",
            name="order_stays",
        ),
        migrations.RemoveConstraint(
            model_name="attempt",
            name="identity_attempt_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="result",
            name="identity_result_one_grant",
        ),
        migrations.RemoveConstraint(
            model_name="review",
            name="identity_review_one_open",
        ),
        migrations.RemoveConstraint(
            model_name="review",
            name="identity_review_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="suspension",
            name="identity_suspension_ended_with_evidence",
        ),
        migrations.RemoveField(
            model_name="suspension",
            name="ended_by",
        ),
        migrations.AddField(
            model_name="identificationcase",
            name="frozen_since",
            field=models.DateTimeField(
                blank=True,
                db_comment="sensitive=false; an order stops the clocks: deadlines move by the pause",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="result",
            name="held_by",
            field=models.ForeignKey(
                db_comment="sensitive=false; the order that withheld it or keeps it in quarantine",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="held_results",
                to="identity.suspension",
            ),
        ),
        migrations.AddField(
            model_name="result",
            name="rules_version",
            field=models.PositiveBigIntegerField(
                db_comment="sensitive=false; number of the last MethodChange when the gate judged it", default=0
            ),
        ),
        migrations.AddField(
            model_name="result",
            name="voided_by",
            field=models.ForeignKey(
                db_comment="sensitive=false; the order that withdrew it from use after it had identified the person",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="voided_results",
                to="identity.suspension",
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="confirmed_at",
            field=models.DateTimeField(blank=True, db_comment="sensitive=false", null=True),
        ),
        migrations.AddField(
            model_name="suspension",
            name="confirmed_by",
            field=models.CharField(
                blank=True, db_comment="sensitive=false; public_id of the second administrator (M7)", max_length=60
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="effect",
            field=models.CharField(
                choices=[
                    ("move", "Move: the attempt ends, the person chooses another way"),
                    ("freeze", "Freeze: the place is kept, clocks stop, results are kept in quarantine"),
                    ("finish", "Finish: who has begun may finish until a moment"),
                    ("void", "Void: identifications since a moment are withdrawn from use, too"),
                ],
                db_comment="sensitive=false; on people in the middle",
                default="move",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="finish_until",
            field=models.DateTimeField(
                blank=True,
                db_comment="sensitive=false; effect finish: attempts begun before count until then",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="last_door_reason",
            field=models.TextField(
                blank=True, db_comment="sensitive=false; why, although a purpose is left without an online method"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="legal_basis",
            field=models.CharField(blank=True, db_comment="sensitive=false; for example § 311 SGB V", max_length=200),
        ),
        migrations.AddField(
            model_name="suspension",
            name="link",
            field=models.URLField(blank=True, db_comment="sensitive=false; where the order can be read"),
        ),
        migrations.AddField(
            model_name="suspension",
            name="over_at",
            field=models.DateTimeField(
                blank=True,
                db_comment="sensitive=false; ended and admitted again for everybody; empty while it may matter",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="public_text_plain",
            field=models.TextField(db_comment="sensitive=false; for everybody, in plain German", default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="suspension",
            name="quarantine_end",
            field=models.CharField(
                blank=True,
                choices=[
                    ("release", "Release: they count as if they came now"),
                    ("refuse", "Refuse: they grant nothing, the people choose another way"),
                ],
                db_comment="sensitive=false; effect freeze, once lifted",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="readmission_percents",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                db_comment="sensitive=false; after the end, for how many of a hundred people; then for all",
                default=list,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="readmission_step_hours",
            field=models.PositiveIntegerField(
                db_comment="sensitive=false; hours that each percentage lasts", default=0
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="review_on",
            field=models.DateField(
                db_comment="sensitive=false; day on which somebody looks at the order again",
                default=datetime.date(2027, 2, 9),
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="suspension",
            name="undone_at",
            field=models.DateTimeField(
                blank=True, db_comment="sensitive=false; taken back within minutes: as if it had never been", null=True
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="undone_by",
            field=models.CharField(blank=True, db_comment="sensitive=false; public_id", max_length=60),
        ),
        migrations.AddField(
            model_name="suspension",
            name="void_since",
            field=models.DateTimeField(
                blank=True,
                db_comment="sensitive=false; effect void: identifications since then are withdrawn",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="state",
            field=models.CharField(
                choices=[
                    ("intended", "Being prepared"),
                    ("unreached", "Provider not reached"),
                    ("started", "Under way"),
                    ("succeeded", "Succeeded"),
                    ("failed", "Not successful"),
                    ("rejected", "Result not accepted"),
                    ("surplus", "No longer needed"),
                    ("withheld", "Received after suspension"),
                    ("expired", "Expired"),
                    ("late", "Result after expiry"),
                    ("cancelled", "Cancelled"),
                    ("stopped", "Stopped by a suspension"),
                    ("quarantined", "Result kept in quarantine"),
                ],
                db_comment="sensitive=false",
                default="intended",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="review",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "Waiting for a clerk"),
                    ("proposed", "Waiting for a second clerk"),
                    ("decided", "Decided"),
                    ("withdrawn", "Withdrawn by a suspension"),
                ],
                db_comment="sensitive=false",
                default="open",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="suspension",
            name="ends_at",
            field=models.DateTimeField(
                blank=True,
                db_comment="sensitive=false; planned by the order or set by lifting; empty: until further notice",
                null=True,
            ),
        ),
        migrations.AlterField(
            model_name="suspension",
            name="imposed_at",
            field=models.DateTimeField(db_comment="sensitive=false", default=django.utils.timezone.now),
        ),
        migrations.AddIndex(
            model_name="suspension",
            index=models.Index(fields=["method", "over_at"], name="identity_suspension_matters"),
        ),
        migrations.RunPython(complete_orders, migrations.RunPython.noop),
        pgtrigger.migrations.AddTrigger(
            model_name="attempt",
            trigger=pgtrigger.compiler.Trigger(
                name="only_known_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{intended:cancelled,intended:started,intended:unreached,unreached:cancelled,unreached:started,started:cancelled,started:expired,started:failed,started:quarantined,started:rejected,started:stopped,started:succeeded,started:surplus,started:withheld,failed:expired,failed:late,failed:quarantined,failed:rejected,failed:succeeded,failed:surplus,failed:withheld,expired:late,expired:quarantined,expired:rejected,expired:surplus,expired:withheld,cancelled:surplus,cancelled:withheld,late:succeeded,late:surplus,late:withheld,succeeded:rejected,succeeded:withheld,stopped:expired,stopped:quarantined,stopped:rejected,stopped:started,stopped:succeeded,stopped:surplus,stopped:withheld,quarantined:late,quarantined:rejected,quarantined:succeeded,quarantined:surplus,quarantined:withheld,withheld:late,withheld:quarantined,withheld:succeeded}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="26a18841b0ac98c617c2f9d4433fb1b771118d78",
                    operation="UPDATE",
                    pgid="pgtrigger_only_known_moves_1a83f",
                    table="identity_attempt",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="identificationcase",
            trigger=pgtrigger.compiler.Trigger(
                name="only_known_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{choosing:cancelled,choosing:expired,choosing:identified,choosing:identifying,choosing:in_review,identifying:cancelled,identifying:choosing,identifying:expired,identifying:identified,identifying:in_review,in_review:cancelled,in_review:choosing,in_review:identified,in_review:refused,expired:offered,offered:expired,offered:identified,offered:in_review,identified:choosing}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="03dc11c6de8d64c517889c3a6d78023b33cfa00f",
                    operation="UPDATE",
                    pgid="pgtrigger_only_known_moves_081f7",
                    table="identity_identificationcase",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="review",
            trigger=pgtrigger.compiler.Trigger(
                name="only_known_moves",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE _is_valid_transition BOOLEAN;",
                    func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{open:decided,open:proposed,open:withdrawn,proposed:decided,proposed:open,proposed:withdrawn,withdrawn:open,withdrawn:proposed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;',
                    hash="59f80e0f6272903fe7b787648c1a62899fd1d249",
                    operation="UPDATE",
                    pgid="pgtrigger_only_known_moves_e2f5b",
                    table="identity_review",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suspension",
            trigger=pgtrigger.compiler.Trigger(
                name="order_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."authority" IS DISTINCT FROM (NEW."authority") OR OLD."earlier_results_count" IS DISTINCT FROM (NEW."earlier_results_count") OR OLD."effect" IS DISTINCT FROM (NEW."effect") OR OLD."effective_from" IS DISTINCT FROM (NEW."effective_from") OR OLD."finish_until" IS DISTINCT FROM (NEW."finish_until") OR OLD."imposed_at" IS DISTINCT FROM (NEW."imposed_at") OR OLD."imposed_by" IS DISTINCT FROM (NEW."imposed_by") OR OLD."insurer_id" IS DISTINCT FROM (NEW."insurer_id") OR OLD."last_door_reason" IS DISTINCT FROM (NEW."last_door_reason") OR OLD."legal_basis" IS DISTINCT FROM (NEW."legal_basis") OR OLD."link" IS DISTINCT FROM (NEW."link") OR OLD."method_id" IS DISTINCT FROM (NEW."method_id") OR OLD."order_reference" IS DISTINCT FROM (NEW."order_reference") OR OLD."provider" IS DISTINCT FROM (NEW."provider") OR OLD."public_text_de" IS DISTINCT FROM (NEW."public_text_de") OR OLD."public_text_en" IS DISTINCT FROM (NEW."public_text_en") OR OLD."public_text_plain" IS DISTINCT FROM (NEW."public_text_plain") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."region" IS DISTINCT FROM (NEW."region") OR OLD."review_on" IS DISTINCT FROM (NEW."review_on") OR OLD."void_since" IS DISTINCT FROM (NEW."void_since"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="d4db4a86e337ef7b5d1436141df2c318072cd1a0",
                    operation="UPDATE",
                    pgid="pgtrigger_order_stays_8966a",
                    table="identity_suspension",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="suspension",
            trigger=pgtrigger.compiler.Trigger(
                name="lifted_by_two",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."evidence" IS DISTINCT FROM (NEW."evidence"))',
                    func="\nIF NOT EXISTS (\n    SELECT 1 FROM identity_lifting l\n    WHERE l.suspension_id = NEW.id AND l.evidence = NEW.evidence AND l.approved_at IS NOT NULL\n) THEN\n    RAISE EXCEPTION 'a suspension is lifted by two people'\n        USING ERRCODE = 'check_violation', CONSTRAINT = 'identity_suspension_lifted_by_two';\nEND IF;\nRETURN NEW;\n",
                    hash="2d45511f57fc0a9b4ffb264ea9615a07aa791b8d",
                    operation="UPDATE",
                    pgid="pgtrigger_lifted_by_two_cc78b",
                    table="identity_suspension",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "intended",
                            "unreached",
                            "started",
                            "succeeded",
                            "failed",
                            "rejected",
                            "surplus",
                            "withheld",
                            "expired",
                            "late",
                            "cancelled",
                            "stopped",
                            "quarantined",
                        ],
                    )
                ),
                name="identity_attempt_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="identificationcase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("frozen_since", None),
                    ("state__in", ["choosing", "identifying", "in_review", "offered"]),
                    _connector="OR",
                ),
                name="identity_case_frozen_while_it_runs",
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=models.UniqueConstraint(
                condition=models.Q(("granted_at__isnull", False), ("voided_by", None)),
                fields=("case",),
                name="identity_result_one_grant",
            ),
        ),
        migrations.AddConstraint(
            model_name="result",
            constraint=models.CheckConstraint(
                condition=models.Q(("voided_by", None), ("granted_at__isnull", False), _connector="OR"),
                name="identity_result_void_was_granted",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("open", "proposed"))),
                fields=("case", "kind"),
                name="identity_review_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "proposed", "decided", "withdrawn"])),
                name="identity_review_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("effect__in", ["move", "freeze", "finish", "void"]),
                    models.Q(
                        models.Q(models.Q(("effect", "finish"), _negated=True), ("finish_until__isnull", True)),
                        models.Q(
                            ("effect", "finish"),
                            ("finish_until__gt", models.F("effective_from")),
                            ("finish_until__isnull", False),
                        ),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(models.Q(("effect", "void"), _negated=True), ("void_since__isnull", True)),
                        models.Q(
                            ("effect", "void"),
                            ("void_since__isnull", False),
                            ("void_since__lte", models.F("effective_from")),
                        ),
                        _connector="OR",
                    ),
                ),
                name="identity_suspension_effect_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmed_at", None), ("confirmed_by", "")),
                    models.Q(
                        models.Q(("confirmed_by", ""), _negated=True),
                        models.Q(("confirmed_by", models.F("imposed_by")), _negated=True),
                        ("confirmed_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="identity_suspension_confirmed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undone_at", None), ("undone_by", "")),
                    models.Q(
                        models.Q(("undone_by", ""), _negated=True),
                        ("confirmed_by", ""),
                        (
                            "undone_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("imposed_at"), "+", models.Value(datetime.timedelta(seconds=600))
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="identity_suspension_undone_in_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("over_at", None),
                    models.Q(
                        ("over_at__gte", models.F("ends_at")),
                        models.Q(
                            models.Q(("evidence", ""), _negated=True),
                            models.Q(("confirmed_by", ""), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="identity_suspension_over_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("quarantine_end", ""),
                    models.Q(("effect", "freeze"), ("quarantine_end__in", ["release", "refuse"])),
                    _connector="OR",
                ),
                name="identity_suspension_quarantine_of_a_freeze",
            ),
        ),
        migrations.AddField(
            model_name="affectedcase",
            name="case",
            field=models.ForeignKey(
                db_comment="sensitive=false",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="affected_by",
                to="identity.identificationcase",
            ),
        ),
        migrations.AddField(
            model_name="affectedcase",
            name="suspension",
            field=models.ForeignKey(
                db_comment="sensitive=false",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="affected",
                to="identity.suspension",
            ),
        ),
        migrations.AddField(
            model_name="lifting",
            name="suspension",
            field=models.ForeignKey(
                db_comment="sensitive=false",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="liftings",
                to="identity.suspension",
            ),
        ),
        migrations.AddField(
            model_name="methodchange",
            name="method",
            field=models.ForeignKey(
                db_comment="sensitive=false",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="identity.method",
            ),
        ),
        migrations.AddField(
            model_name="methodchange",
            name="suspension",
            field=models.ForeignKey(
                db_comment="sensitive=false",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="identity.suspension",
            ),
        ),
        migrations.AddField(
            model_name="orderrun",
            name="suspension",
            field=models.ForeignKey(
                db_comment="sensitive=false",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="runs",
                to="identity.suspension",
            ),
        ),
        migrations.AddIndex(
            model_name="affectedcase",
            index=models.Index(
                condition=models.Q(("closing", "")), fields=["suspension", "id"], name="identity_affectedcase_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="affectedcase",
            constraint=models.UniqueConstraint(fields=("suspension", "case"), name="identity_affectedcase_once"),
        ),
        migrations.AddConstraint(
            model_name="affectedcase",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("closing", "")),
                    models.Q(models.Q(("closing", ""), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="identity_affectedcase_closed_says_how",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="affectedcase",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="15d8e124b03d9ee7f1f911800a8ff39e8f0c8c9d",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_fc62f",
                    table="identity_affectedcase",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="affectedcase",
            trigger=pgtrigger.compiler.Trigger(
                name="met_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."before" IS DISTINCT FROM (NEW."before") OR OLD."carried_at" IS DISTINCT FROM (NEW."carried_at") OR OLD."case_id" IS DISTINCT FROM (NEW."case_id") OR OLD."suspension_id" IS DISTINCT FROM (NEW."suspension_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="ffad3d960f11a33188e1629d02b6bc4712b039fd",
                    operation="UPDATE",
                    pgid="pgtrigger_met_stays_e1c67",
                    table="identity_affectedcase",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="lifting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approved_at", None), ("withdrawn_at", None)),
                fields=("suspension",),
                name="identity_lifting_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="lifting",
            constraint=models.CheckConstraint(
                condition=models.Q(("evidence", ""), _negated=True), name="identity_lifting_has_evidence"
            ),
        ),
        migrations.AddConstraint(
            model_name="lifting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at", None), ("approved_by", "")),
                    models.Q(
                        models.Q(("approved_by__in", ["", models.F("proposed_by")]), _negated=True),
                        ("approved_at__isnull", False),
                        ("withdrawn_at", None),
                    ),
                    _connector="OR",
                ),
                name="identity_lifting_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="lifting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("percents", []), ("step_hours", 0)),
                    models.Q(models.Q(("percents", []), _negated=True), ("step_hours__gt", 0)),
                    _connector="OR",
                ),
                name="identity_lifting_steps_last",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lifting",
            trigger=pgtrigger.compiler.Trigger(
                name="never_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;",
                    hash="d704cbc775267c15224dfd9043ab7df3ba93e1cf",
                    operation="DELETE",
                    pgid="pgtrigger_never_deleted_792da",
                    table="identity_lifting",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lifting",
            trigger=pgtrigger.compiler.Trigger(
                name="text_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."evidence" IS DISTINCT FROM (NEW."evidence") OR OLD."percents" IS DISTINCT FROM (NEW."percents") OR OLD."proposed_at" IS DISTINCT FROM (NEW."proposed_at") OR OLD."proposed_by" IS DISTINCT FROM (NEW."proposed_by") OR OLD."quarantine_end" IS DISTINCT FROM (NEW."quarantine_end") OR OLD."step_hours" IS DISTINCT FROM (NEW."step_hours") OR OLD."suspension_id" IS DISTINCT FROM (NEW."suspension_id"))',
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                    hash="caef06e9fea454bc71fb482e6e6837cb28276e42",
                    operation="UPDATE",
                    pgid="pgtrigger_text_stays_6aff0",
                    table="identity_lifting",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="methodchange",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", ""), _negated=True), name="identity_methodchange_has_kind"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="methodchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bcc82b986d261dc328aed997b4b424742cb374c6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_a2971",
                    table="identity_methodchange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="orderrun",
            constraint=models.UniqueConstraint(fields=("suspension", "phase"), name="identity_orderrun_once"),
        ),
    ]
