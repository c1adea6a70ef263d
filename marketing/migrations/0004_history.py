"""Version tables."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import shared.records.fields
import shared.records.identifiers
import simple_history.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("marketing", "0003_custom_fields"),
        ("shared", "0005_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalCampaign",
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
                ("name", models.CharField(max_length=150)),
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
                ("name_norm", models.CharField(db_column="name_norm", max_length=150, null=True)),
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
                (
                    "owner",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
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
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="marketing.segment",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of campaign",
                "verbose_name_plural": "versions of campaigns",
                "db_table": 'marketing_app"."campaigns_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="marketing_4174824a_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="marketing_campaigns_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="marketing_campaigns_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCustomField",
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
                ("entity", models.CharField(help_text="The kind of record that has it.", max_length=63)),
                (
                    "key",
                    models.CharField(
                        help_text="Its name in custom_fields, as in shoe_size.",
                        max_length=63,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9_]*\\Z",
                                "Use small letters, digits and underscores, a letter first: shoe_size.",
                            )
                        ],
                    ),
                ),
                ("label", models.CharField(help_text="Its name on pages.", max_length=100)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("number", "Number"),
                            ("integer", "Whole number"),
                            ("boolean", "Yes or no"),
                            ("date", "Date"),
                            ("datetime", "Date and time"),
                            ("choice", "One of several"),
                            ("choices", "Some of several"),
                            ("url", "Web address"),
                            ("email", "E-mail"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100),
                        blank=True,
                        default=list,
                        help_text="What can be chosen, for the types choice and choices.",
                        size=200,
                    ),
                ),
                (
                    "required",
                    models.BooleanField(
                        default=False,
                        help_text="Whether a record needs it; one that is there already, when its custom fields are next written.",
                    ),
                ),
                (
                    "unique",
                    models.BooleanField(
                        default=False,
                        help_text="Whether no two records may have the same value, in any case; can be given up, not introduced later.",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("everywhere", "Everywhere"),
                            ("staff", "Staff alone: not by API key"),
                            ("api", "API alone: not on pages"),
                        ],
                        default="everywhere",
                        help_text="Who sees and writes it.",
                        max_length=10,
                    ),
                ),
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
                "verbose_name": "version of custom field of marketing",
                "verbose_name_plural": "versions of custom fields of marketing",
                "db_table": 'marketing_app"."custom_fields_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="marketing_33bcd4f0_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="marketing_custom_fields_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"),
                        name="marketing_custom_fields_history_version",
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalSegment",
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
                ("name", models.CharField(max_length=150)),
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
                ("name_norm", models.CharField(db_column="name_norm", max_length=150, null=True)),
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
                "verbose_name": "version of segment",
                "verbose_name_plural": "versions of segments",
                "db_table": 'marketing_app"."segments_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="marketing_5e6481d9_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="marketing_segments_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="marketing_segments_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
