"""The activity log, what guards it and versions, and the version tables of the kit."""

from dataclasses import replace

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import shared.records.identifiers
from shared.domains.access import TableAccess
from shared.domains.operations import CreateFunctions, SetTableAccess
from shared.records.partitions import CreatePartitionedModel
from shared.records.protection import VERSION_ROWS
from shared.records.versions.triggers import guard_statements
import simple_history.models
from django.db import migrations, models


PLATFORM = ("platform",)
SEALS = TableAccess(
    rows="global",
    readers=(),
    writers=(),
    append_only=True,
    guarded=True,
    reason="Entries of all tenants are sealed together; the operator alone seals and verifies.",
)
HORIZON = TableAccess(
    rows="global",
    readers=(),
    writers=(),
    reason="How far a database's entries are final; the operator's alone.",
)


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0004_idempotency_keys"),
    ]

    operations = [
        CreateFunctions("sql/memory.sql", ("shared.refuse_rewriting()", "shared.refuse_truncate()")),
        migrations.RunSQL(
            "CREATE SEQUENCE shared.activity_position; "
            "REVOKE ALL ON SEQUENCE shared.activity_position FROM PUBLIC; "
            "GRANT USAGE, SELECT ON SEQUENCE shared.activity_position TO trellis_history; "
            "GRANT SELECT ON SEQUENCE shared.activity_position TO trellis_operator",
            "DROP SEQUENCE shared.activity_position",
        ),
        CreatePartitionedModel(
            name="ActivityEvent",
            by="at",
            access=TableAccess(rows="tenant_and_readable", written_by_history=True),
            fields=[
                ("position", models.BigIntegerField(editable=False, primary_key=True, serialize=False)),
                ("nonce", models.UUIDField(editable=False, null=True)),
                ("leaf", models.BinaryField(editable=False, null=True)),
                ("organization_id", models.UUIDField(editable=False, null=True)),
                ("domain", models.CharField(editable=False, max_length=32)),
                ("at", models.DateTimeField(editable=False)),
                ("entity_type", models.CharField(editable=False, max_length=64)),
                ("entity_id", models.UUIDField(editable=False, null=True)),
                ("entity_version", models.IntegerField(editable=False, null=True)),
                ("action", models.CharField(editable=False, max_length=32)),
                ("changes", models.JSONField(default=dict, editable=False)),
                ("app", models.CharField(editable=False, max_length=63)),
                ("actor_kind", models.CharField(editable=False, max_length=16)),
                ("actor_id", models.UUIDField(editable=False, null=True)),
                ("actor_name", models.TextField(editable=False)),
                ("actor_ip", models.TextField(editable=False)),
                ("user_agent", models.TextField(editable=False)),
                ("request_id", models.TextField(editable=False)),
                ("reason", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "activity",
                "verbose_name_plural": "activity log",
                "db_table": 'shared"."activity_events',
                "ordering": ("-at", "-position"),
                "indexes": [
                    models.Index(
                        fields=["organization_id", "-at", "-position"], name="activity_events_newest"
                    ),
                    models.Index(
                        fields=["organization_id", "entity_id", "-at"], name="activity_events_entity"
                    ),
                    models.Index(
                        fields=["organization_id", "request_id"],
                        name="activity_events_request",
                        condition=models.Q(request_id__gt=""),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActivitySeal",
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
                ("domain", models.CharField(editable=False, max_length=32)),
                ("number", models.BigIntegerField(editable=False)),
                ("month", models.DateField(editable=False)),
                ("after", models.BigIntegerField(editable=False)),
                ("until", models.BigIntegerField(editable=False)),
                ("entries", models.BinaryField(editable=False)),
                ("sealed_at", models.DateTimeField(editable=False)),
                ("previous", models.BinaryField(editable=False)),
                ("digest", models.BinaryField(editable=False)),
                ("signature", models.BinaryField(editable=False)),
            ],
            options={
                "verbose_name": "seal of the activity log",
                "verbose_name_plural": "seals of the activity log",
                "db_table": 'shared"."activity_seals',
                "ordering": ("domain", "number"),
                "constraints": [
                    models.UniqueConstraint(fields=("domain", "number"), name="activity_seals_number")
                ],
            },
        ),
        CreateFunctions(
            "sql/refusals.sql",
            ("shared.note_refusal(text, text, text, text, text, text, text, bigint)",),
            lookup=True,
        ),
        SetTableAccess("ActivitySeal", SEALS),
        migrations.RunSQL("; ".join(guard_statements('"shared"."activity_seals"')), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="ActivityHorizon",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("position", models.BigIntegerField(editable=False)),
                ("transaction", models.BigIntegerField(editable=False)),
                ("final", models.BigIntegerField(default=0, editable=False)),
            ],
            options={"db_table": 'shared"."activity_horizons'},
        ),
        SetTableAccess("ActivityHorizon", HORIZON),
        migrations.CreateModel(
            name="HistoricalApiKey",
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
                (
                    "name",
                    models.CharField(
                        help_text="The service that uses the key, as it appears in the log.", max_length=100
                    ),
                ),
                ("prefix", models.CharField(editable=False, max_length=12)),
                (
                    "scopes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list, size=None
                    ),
                ),
                ("rate_limit", models.PositiveIntegerField(default=600, help_text="Calls per minute.")),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("revoked_at", models.DateTimeField(blank=True, null=True)),
                ("last_used_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("rotated_from_id", models.UUIDField(blank=True, editable=False, null=True)),
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
                "verbose_name": "version of API key",
                "verbose_name_plural": "versions of API keys",
                "db_table": 'shared"."api_keys_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="shared_a78d9287_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="shared_api_keys_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="shared_api_keys_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalUserProfile",
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
                ("user_id", models.UUIDField(editable=False)),
                ("name", models.CharField(max_length=200)),
                ("email", models.EmailField(max_length=254)),
                ("preferences", models.JSONField(blank=True, default=dict)),
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
                "verbose_name": "version of user profile",
                "verbose_name_plural": "versions of user profiles",
                "db_table": 'shared"."user_profiles_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="shared_67931fff_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="shared_user_profiles_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="shared_user_profiles_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        SetTableAccess(
            "HistoricalApiKey", replace(VERSION_ROWS, readers=PLATFORM, writers=PLATFORM), VERSION_ROWS
        ),
        SetTableAccess("HistoricalUserProfile", replace(VERSION_ROWS, writers=PLATFORM), VERSION_ROWS),
    ]
