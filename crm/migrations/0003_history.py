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
        ("crm", "0002_custom_fields"),
        ("shared", "0005_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalActivity",
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
                    "type",
                    models.CharField(
                        choices=[
                            ("note", "Note"),
                            ("call", "Call"),
                            ("meeting", "Meeting"),
                            ("email", "E-mail"),
                            ("task", "Task"),
                            ("deal_won", "Deal won"),
                            ("deal_lost", "Deal lost"),
                            ("support_chat", "Support chat"),
                        ],
                        max_length=16,
                    ),
                ),
                ("description", models.TextField(blank=True, max_length=20000)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("occurred_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "due_at",
                    models.DateTimeField(blank=True, help_text="When a task is to be done.", null=True),
                ),
                ("done_at", models.DateTimeField(blank=True, editable=False, null=True)),
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
                    "contact",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.contact",
                    ),
                ),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.customerreference",
                    ),
                ),
                (
                    "deal",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.deal",
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
            ],
            options={
                "verbose_name": "version of activity",
                "verbose_name_plural": "versions of activities",
                "db_table": 'crm"."activities_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_40126940_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_activities_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="crm_activities_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalContact",
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
                ("company_id", models.UUIDField(editable=False, help_text="The golden company.")),
                ("company_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("role_title", models.CharField(blank=True, max_length=200)),
                (
                    "is_primary",
                    models.BooleanField(
                        default=False, help_text="The first person to talk to at the company."
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
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.customerreference",
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
                "verbose_name": "version of contact",
                "verbose_name_plural": "versions of contacts",
                "db_table": 'crm"."contacts_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_a7fc2b98_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_contacts_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="crm_contacts_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalCustomerReference",
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
                    "customer_id",
                    models.UUIDField(editable=False, help_text="Identifier of the golden customer."),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                (
                    "tier",
                    models.CharField(
                        default="standard", help_text="Account tier of the customer.", max_length=32
                    ),
                ),
                (
                    "language",
                    models.CharField(blank=True, help_text="Preferred language (BCP 47).", max_length=35),
                ),
                (
                    "company_id",
                    models.UUIDField(
                        blank=True, editable=False, help_text="Their golden company.", null=True
                    ),
                ),
                ("company_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("last_synced_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("email_norm", models.CharField(db_column="email_norm", max_length=254, null=True)),
                ("name_norm", models.CharField(db_column="name_norm", max_length=200, null=True)),
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
                "verbose_name": "version of customer reference",
                "verbose_name_plural": "versions of customer references",
                "db_table": 'crm"."customer_references_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_9da1d979_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_customer_references_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"),
                        name="crm_customer_references_history_version",
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
                "verbose_name": "version of custom field of sales",
                "verbose_name_plural": "versions of custom fields of sales",
                "db_table": 'crm"."custom_fields_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_ef92db58_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_custom_fields_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="crm_custom_fields_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDeal",
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
                ("name", models.CharField(max_length=200)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        editable=False,
                        help_text="Follows the stage.",
                        max_length=8,
                    ),
                ),
                (
                    "company_id",
                    models.UUIDField(
                        blank=True, editable=False, help_text="The golden company of the customer.", null=True
                    ),
                ),
                ("company_name", models.CharField(blank=True, max_length=200)),
                (
                    "amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=16,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(0)],
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="USD",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{3}\\Z", "Write a currency as three capitals, as in EUR (ISO 4217)."
                            )
                        ],
                    ),
                ),
                ("expected_close", models.DateField(blank=True, null=True)),
                (
                    "loss_reason",
                    models.CharField(
                        blank=True, help_text="Needed to move the deal to a lost stage.", max_length=500
                    ),
                ),
                ("stage_entered_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("name_norm", models.CharField(db_column="name_norm", max_length=200, null=True)),
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
                        to="crm.customerreference",
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
                    "pipeline",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.pipeline",
                    ),
                ),
                (
                    "stage",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.pipelinestage",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of deal",
                "verbose_name_plural": "versions of deals",
                "db_table": 'crm"."deals_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_4b6e381b_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_deals_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="crm_deals_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalDealStageHistory",
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
                ("entered_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "moved_by",
                    models.CharField(
                        blank=True, help_text="Who moved the deal into this stage.", max_length=200
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
                    "deal",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.deal",
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
                (
                    "stage",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.pipelinestage",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of stay in a stage",
                "verbose_name_plural": "versions of stays in stages",
                "db_table": 'crm"."deal_stage_history_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_df3278aa_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_deal_stage_history_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"),
                        name="crm_deal_stage_history_history_version",
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPipeline",
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
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True, max_length=2000)),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Deals opened without naming a pipeline start here; at most one is the default.",
                    ),
                ),
                ("name_norm", models.CharField(db_column="name_norm", max_length=100, null=True)),
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
                "verbose_name": "version of pipeline",
                "verbose_name_plural": "versions of pipelines",
                "db_table": 'crm"."pipelines_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_a6fe1173_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_pipelines_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="crm_pipelines_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPipelineStage",
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
                ("name", models.CharField(max_length=100)),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Order in the pipeline, from left to right.",
                        validators=[django.core.validators.MaxValueValidator(1000)],
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
                        default="open",
                        max_length=8,
                    ),
                ),
                (
                    "probability",
                    models.PositiveSmallIntegerField(
                        default=0,
                        help_text="Chance in percent that a deal of this stage is won.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                    ),
                ),
                (
                    "required_fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("amount", "Amount"),
                                ("customer", "Customer"),
                                ("company_name", "Company name"),
                                ("owner", "Owner"),
                                ("expected_close", "Expected close"),
                            ],
                            max_length=32,
                        ),
                        blank=True,
                        default=list,
                        help_text="What a deal must have before it enters this stage.",
                        size=5,
                    ),
                ),
                (
                    "maximum_age_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="After so many days in this stage a deal counts as rotting.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                    ),
                ),
                ("name_norm", models.CharField(db_column="name_norm", max_length=100, null=True)),
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
                    "pipeline",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.pipeline",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of pipeline stage",
                "verbose_name_plural": "versions of pipeline stages",
                "db_table": 'crm"."pipeline_stages_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="crm_1afa439e_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="crm_pipeline_stages_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="crm_pipeline_stages_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
