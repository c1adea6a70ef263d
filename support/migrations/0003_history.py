"""Version tables."""

import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import shared.records.fields
import shared.records.identifiers
import simple_history.models
import support.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0005_history"),
        ("support", "0002_custom_fields"),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalAgent",
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
                    "presence",
                    models.CharField(
                        choices=[("online", "Online"), ("away", "Away"), ("offline", "Offline")],
                        default="offline",
                        max_length=16,
                    ),
                ),
                (
                    "skills",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        blank=True,
                        default=list,
                        help_text="What this agent knows, for example: billing, refunds.",
                        size=50,
                    ),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            max_length=35,
                            validators=[
                                django.core.validators.RegexValidator(
                                    "\\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z",
                                    "Write a language by its tag, as in en or de-CH (BCP 47).",
                                )
                            ],
                        ),
                        blank=True,
                        default=list,
                        help_text="Languages by their tags, for example: en, de-CH.",
                        size=50,
                    ),
                ),
                (
                    "capacity",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text='Tickets at once by channel, for example {"chat": 3}; a channel not named has no limit.',
                        validators=[support.validators.check_capacity],
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
                (
                    "profile",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shared.userprofile",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of agent",
                "verbose_name_plural": "versions of agents",
                "db_table": 'support_app"."agents_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="support_ac453617_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="support_agents_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="support_agents_history_version"
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
                "verbose_name": "version of customer",
                "verbose_name_plural": "versions of customers",
                "db_table": 'support_app"."customer_references_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="support_7e994fbd_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="support_customer_references_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"),
                        name="support_customer_references_history_version",
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
                "verbose_name": "version of custom field of support",
                "verbose_name_plural": "versions of custom fields of support",
                "db_table": 'support_app"."custom_fields_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="support_7f0ff2a2_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="support_custom_fields_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="support_custom_fields_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTicket",
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
                    "number",
                    models.PositiveIntegerField(
                        editable=False, help_text="Counts within the organization, from 1."
                    ),
                ),
                (
                    "company_id",
                    models.UUIDField(
                        blank=True,
                        editable=False,
                        help_text="The customer's golden company when this was opened.",
                        null=True,
                    ),
                ),
                (
                    "company_name",
                    models.CharField(
                        blank=True,
                        editable=False,
                        help_text="The customer's company when this was opened.",
                        max_length=200,
                    ),
                ),
                (
                    "requester_name",
                    models.CharField(blank=True, help_text="Who asked, as they said.", max_length=200),
                ),
                ("requester_email", models.EmailField(blank=True, max_length=254)),
                (
                    "claimed_customer_id",
                    models.UUIDField(
                        blank=True,
                        editable=False,
                        help_text="A golden customer that was named while the platform did not answer; not verified.",
                        null=True,
                    ),
                ),
                ("subject", models.CharField(max_length=300)),
                ("description", models.TextField(blank=True, max_length=100000)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("chat", "Chat"),
                            ("phone", "Phone"),
                            ("web", "Web"),
                            ("api", "API"),
                        ],
                        default="api",
                        max_length=16,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("open", "Open"),
                            ("pending_customer", "Pending customer"),
                            ("pending_third_party", "Pending third party"),
                            ("on_hold", "On hold"),
                            ("resolved", "Resolved"),
                            ("closed", "Closed"),
                            ("merged", "Merged"),
                            ("spam", "Spam"),
                        ],
                        default="new",
                        max_length=32,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("low", "Low"),
                            ("normal", "Normal"),
                            ("high", "High"),
                            ("urgent", "Urgent"),
                        ],
                        default="normal",
                        max_length=16,
                    ),
                ),
                (
                    "tags",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64), blank=True, default=list, size=50
                    ),
                ),
                (
                    "intent",
                    models.CharField(
                        blank=True, help_text="What the customer wants, in a word.", max_length=64
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        help_text="Language tag (BCP 47).",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z",
                                "Write a language by its tag, as in en or de-CH (BCP 47).",
                            )
                        ],
                    ),
                ),
                (
                    "first_response_at",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="When the first public answer went out.",
                        null=True,
                    ),
                ),
                (
                    "waiting_since",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="Since when the customer waits for an answer.",
                        null=True,
                    ),
                ),
                ("resolved_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("closed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("reopened_count", models.PositiveIntegerField(default=0, editable=False)),
                ("subject_norm", models.CharField(db_column="subject_norm", max_length=300, null=True)),
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
                    "agent",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="support.agent",
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
                        to="support.customerreference",
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
                "verbose_name": "version of ticket",
                "verbose_name_plural": "versions of tickets",
                "db_table": 'support_app"."tickets_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="support_660aa89a_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="support_tickets_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="support_tickets_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTicketMessage",
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
                    "direction",
                    models.CharField(
                        choices=[("inbound", "From the customer"), ("outbound", "To the customer")],
                        max_length=16,
                    ),
                ),
                (
                    "author_name",
                    models.CharField(blank=True, help_text="Stays when the author is gone.", max_length=200),
                ),
                ("body", models.TextField(max_length=100000)),
                (
                    "message_id",
                    models.CharField(
                        blank=True,
                        help_text="Message-ID of the mail, by which replies find their ticket.",
                        max_length=500,
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
                    "author",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The member of staff who wrote it, if one did.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="shared.userprofile",
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
                    "ticket",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="support.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of message",
                "verbose_name_plural": "versions of messages",
                "db_table": 'support_app"."ticket_messages_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="support_d7678fac_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="support_ticket_messages_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"),
                        name="support_ticket_messages_history_version",
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalTicketNote",
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
                    "author_name",
                    models.CharField(blank=True, help_text="Stays when the author is gone.", max_length=200),
                ),
                ("body", models.TextField(max_length=100000)),
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
                    "author",
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
                    "ticket",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="support.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of note",
                "verbose_name_plural": "versions of notes",
                "db_table": 'support_app"."ticket_notes_history',
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
                "indexes": [
                    models.Index(
                        fields=["organization", "-created_at", "-id", "history_date"],
                        name="support_cd200705_as_of",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("valid_to__isnull", True)),
                        fields=("organization", "id"),
                        name="support_ticket_notes_history_open",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id", "version"), name="support_ticket_notes_history_version"
                    ),
                ],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
