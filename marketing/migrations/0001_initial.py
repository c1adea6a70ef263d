import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import shared.records.constraints
import shared.records.fields
import shared.records.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0004_idempotency_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=shared.records.identifiers.UUID7(),
                        default=shared.records.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "created_by_app",
                    models.CharField(db_default="", default="", editable=False, max_length=32),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("custom_fields", models.JSONField(blank=True, db_default={}, default=dict)),
                ("name", models.CharField(max_length=150)),
                (
                    "name_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("name")
                        ),
                        output_field=models.CharField(max_length=150),
                    ),
                ),
                ("description", models.TextField(blank=True, max_length=2000)),
                (
                    "rules",
                    models.JSONField(
                        help_text="The tree of rules in force; its shape is in marketing/README.md."
                    ),
                ),
                (
                    "rules_version",
                    models.PositiveIntegerField(
                        default=1, editable=False, help_text="Raised by every change of the rules."
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shared.tenant",
                    ),
                ),
            ],
            options={
                "db_table": 'marketing_app"."segments',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="segments_newest",
                    )
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="name", fields=("name_norm",), name="segments_name_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="marketing_segments_organization_id_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=shared.records.identifiers.UUID7(),
                        default=shared.records.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "created_by_app",
                    models.CharField(db_default="", default="", editable=False, max_length=32),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                ("version", models.PositiveIntegerField(db_default=1, default=1, editable=False)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("custom_fields", models.JSONField(blank=True, db_default={}, default=dict)),
                ("name", models.CharField(max_length=150)),
                (
                    "name_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("name")
                        ),
                        output_field=models.CharField(max_length=150),
                    ),
                ),
                ("description", models.TextField(blank=True, max_length=2000)),
                ("channel", models.CharField(choices=[("email", "E-mail")], default="email", max_length=16)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("approved", "Approved"),
                            ("scheduled", "Scheduled"),
                            ("sending", "Sending"),
                            ("paused", "Paused"),
                            ("sent", "Sent"),
                            ("archived", "Archived"),
                        ],
                        default="draft",
                        editable=False,
                        max_length=16,
                    ),
                ),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("content", models.TextField(blank=True, max_length=100000)),
                ("approved_by", models.CharField(blank=True, editable=False, max_length=200)),
                ("approved_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("scheduled_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("started_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("finished_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shared.tenant",
                    ),
                ),
                (
                    "owner",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shared.userprofile",
                    ),
                ),
                (
                    "segment",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="marketing.segment",
                    ),
                ),
            ],
            options={
                "db_table": 'marketing_app"."campaigns',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="campaigns_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("status"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="campaigns_status",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("segment"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="campaigns_segment",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("owner"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="campaigns_owner",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="name", fields=("name_norm",), name="campaigns_name_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["draft", "approved", "scheduled", "sending", "paused", "sent", "archived"],
                            )
                        ),
                        name="campaigns_status_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email"])), name="campaigns_channel_check"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["scheduled", "sending"]), _negated=True),
                            models.Q(("scheduled_at__isnull", False), ("segment__isnull", False)),
                            _connector="OR",
                        ),
                        name="campaigns_scheduled_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="marketing_campaigns_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="segment", name="marketing_campaigns_segment_id_fk", on_delete="PROTECT"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="owner", name="marketing_campaigns_owner_id_fk", on_delete="SET_NULL"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=shared.records.identifiers.UUID7(),
                        default=shared.records.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "created_by_app",
                    models.CharField(db_default="", default="", editable=False, max_length=32),
                ),
                ("number", models.PositiveIntegerField()),
                ("rules", models.JSONField()),
                ("author", models.CharField(blank=True, help_text="Who wrote these rules.", max_length=200)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shared.tenant",
                    ),
                ),
                (
                    "segment",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="marketing.segment",
                    ),
                ),
            ],
            options={
                "db_table": 'marketing_app"."segment_versions',
                "abstract": False,
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("segment", "number"), living=False, name="segment_versions_number_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="marketing_segment_versions_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="segment", name="marketing_segment_versions_segment_id_fk", on_delete="PROTECT"
                    ),
                ],
            },
        ),
    ]
