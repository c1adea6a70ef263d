"""What the apps hold of customers, and the timeline."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import shared.records.constraints
import shared.records.fields
import shared.records.identifiers
import simple_history.models
from django.db import migrations, models

from shared.domains.access import TableAccess
from shared.records.partitions import CreatePartitionedModel


class Migration(migrations.Migration):
    dependencies = [
        ("platform_core", "0012_tell_changes"),
        ("shared", "0011_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomerRecord",
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
                ("domain", models.CharField(help_text="The app whose record it is.", max_length=32)),
                ("kind", models.CharField(help_text="As in ticket, deal, call.", max_length=32)),
                (
                    "entity",
                    models.CharField(
                        help_text="The record's own kind in its app, as in crm.activity.", max_length=64
                    ),
                ),
                ("record_id", models.UUIDField(help_text="The record's id in its app.")),
                ("title", models.CharField(blank=True, max_length=320)),
                ("status", models.CharField(blank=True, max_length=32)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="records",
                        to="platform_core.customer",
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
                "verbose_name": "record in an app",
                "verbose_name_plural": "records in the apps",
                "db_table": 'platform"."customer_records',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_records_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("began_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_records_customer",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("domain", "record_id"), living=False, name="customer_records_record_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_customer_records_organization_id_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer",
                        name="platform_core_customer_records_customer_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalCustomerRecord",
            fields=[
                ("valid_to", models.DateTimeField(editable=False, null=True)),
                ("history_actor_kind", models.CharField(default="", editable=False, max_length=16)),
                ("history_actor_name", models.TextField(default="", editable=False)),
                ("history_request_id", models.TextField(default="", editable=False)),
                ("history_app", models.CharField(default="", editable=False, max_length=32)),
                ("id", models.UUIDField(default=shared.records.identifiers.uuid7, editable=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("created_by_app", models.CharField(default="", editable=False, max_length=32)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("custom_fields", models.JSONField(blank=True, default=dict)),
                ("domain", models.CharField(help_text="The app whose record it is.", max_length=32)),
                ("kind", models.CharField(help_text="As in ticket, deal, call.", max_length=32)),
                (
                    "entity",
                    models.CharField(
                        help_text="The record's own kind in its app, as in crm.activity.", max_length=64
                    ),
                ),
                ("record_id", models.UUIDField(help_text="The record's id in its app.")),
                ("title", models.CharField(blank=True, max_length=320)),
                ("status", models.CharField(blank=True, max_length=32)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("began_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("history_id", models.BigAutoField(editable=False, primary_key=True, serialize=False)),
                ("history_change_reason", models.TextField(default="", editable=False)),
                (
                    "history_type",
                    models.CharField(
                        choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1
                    ),
                ),
                ("history_user_id", models.UUIDField(editable=False, null=True)),
                ("history_date", models.DateTimeField(db_column="valid_from", editable=False)),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="platform_core.customer",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shared.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of record in an app",
                "verbose_name_plural": "versions of records in the apps",
                "db_table": 'platform"."customer_records_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="platform_cor_f36e4f9f_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="platform_core_customer_records_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"),
                        name="platform_core_customer_records_history_version",
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        CreatePartitionedModel(
            name="TimelineEntry",
            by="at",
            access=TableAccess(append_only=True),
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
                ("at", models.DateTimeField()),
                ("domain", models.CharField(help_text="The app in which it happened.", max_length=32)),
                (
                    "kind",
                    models.CharField(
                        help_text="Of which kind of record, as in ticket, deal, call.", max_length=32
                    ),
                ),
                ("record_id", models.UUIDField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("began", "New"),
                            ("changed", "Changed"),
                            ("ended", "Ended"),
                            ("deleted", "Deleted"),
                        ],
                        max_length=16,
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=320)),
                (
                    "status",
                    models.CharField(blank=True, help_text="The record's status then.", max_length=32),
                ),
                ("event_id", models.UUIDField()),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="timeline",
                        to="platform_core.customer",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shared.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "timeline entry",
                "verbose_name_plural": "timeline",
                "db_table": 'platform"."timeline_entries',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="timeline_entries_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="timeline_entries_customer",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("event_id", "at"), living=False, name="timeline_entries_event_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("what__in", ["began", "changed", "ended", "deleted"])),
                        name="timeline_entries_what_check",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer",
                        name="platform_core_timeline_entries_customer_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
    ]
