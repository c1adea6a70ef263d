import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import shared.records.constraints
import shared.records.fields
import shared.records.identifiers
import support.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shared", "0003_tenancy_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agent",
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
                    "profile",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="shared.userprofile",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "db_table": 'support_app"."agents',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="agents_newest",
                    )
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(fields=("profile",), name="agents_profile_key"),
                    models.CheckConstraint(
                        condition=models.Q(("presence__in", ["online", "away", "offline"])),
                        name="agents_presence_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="support_agents_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="profile", name="support_agents_profile_id_fk", on_delete="CASCADE"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerReference",
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
                (
                    "customer_id",
                    models.UUIDField(editable=False, help_text="Identifier of the golden customer."),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "email_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("email")
                        ),
                        output_field=models.CharField(max_length=254),
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200)),
                (
                    "name_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("name")
                        ),
                        output_field=models.CharField(max_length=200),
                    ),
                ),
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
                "verbose_name": "customer",
                "db_table": 'support_app"."customer_references',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"), models.F("email_norm"), name="support_references_email"
                    ),
                    models.Index(
                        models.F("organization"), models.F("name_norm"), name="support_references_name"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="support_references_newest",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("customer_id",), living=False, name="support_customer_references_customer_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="support_customer_references_organization_id_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Ticket",
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
                (
                    "subject_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("subject")
                        ),
                        output_field=models.CharField(max_length=300),
                    ),
                ),
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
                (
                    "agent",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tickets",
                        to="support.agent",
                    ),
                ),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="tickets",
                        to="support.customerreference",
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
                "db_table": 'support_app"."tickets',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("status"),
                        models.F("priority"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_queue",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("status"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_status",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("priority"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_priority",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("channel"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_channel",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("agent"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_agent",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_customer",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("subject_norm"),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="tickets_subject",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("number",), living=False, name="tickets_number_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1)), name="tickets_number_from_one_check"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "new",
                                    "open",
                                    "pending_customer",
                                    "pending_third_party",
                                    "on_hold",
                                    "resolved",
                                    "closed",
                                    "merged",
                                    "spam",
                                ],
                            )
                        ),
                        name="tickets_status_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("priority__in", ["low", "normal", "high", "urgent"])),
                        name="tickets_priority_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("channel__in", ["email", "chat", "phone", "web", "api"])),
                        name="tickets_channel_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["resolved", "closed"]), _negated=True),
                            ("resolved_at__isnull", False),
                            _connector="OR",
                        ),
                        name="tickets_resolved_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", False), ("status", "closed")),
                            models.Q(
                                models.Q(("status", "closed"), _negated=True), ("closed_at__isnull", True)
                            ),
                            _connector="OR",
                        ),
                        name="tickets_closed_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="support_tickets_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer", name="support_tickets_customer_id_fk", on_delete="SET_NULL"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="agent", name="support_tickets_agent_id_fk", on_delete="SET_NULL"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketCounter",
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
                ("last_number", models.PositiveIntegerField(default=0)),
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
                "db_table": 'support_app"."ticket_counters',
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("organization",), name="ticket_counters_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketMessage",
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
                (
                    "author",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="The member of staff who wrote it, if one did.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="shared.userprofile",
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
                (
                    "ticket",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="support.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "message",
                "db_table": 'support_app"."ticket_messages',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("ticket"),
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="ticket_messages_conversation",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("direction__in", ["inbound", "outbound"])),
                        name="ticket_messages_direction_check",
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("message_id", ""), _negated=True),
                        fields=("message_id",),
                        living=False,
                        name="ticket_messages_message_id_key",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="support_ticket_messages_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="ticket", name="support_ticket_messages_ticket_id_fk", on_delete="CASCADE"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="author", name="support_ticket_messages_author_id_fk", on_delete="SET_NULL"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketNote",
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
                (
                    "author_name",
                    models.CharField(blank=True, help_text="Stays when the author is gone.", max_length=200),
                ),
                ("body", models.TextField(max_length=100000)),
                (
                    "author",
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
                    "ticket",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="support.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "note",
                "db_table": 'support_app"."ticket_notes',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("ticket"),
                        models.F("created_at"),
                        models.F("id"),
                        condition=models.Q(("deleted_at__isnull", True)),
                        name="ticket_notes_ticket",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="support_ticket_notes_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="ticket", name="support_ticket_notes_ticket_id_fk", on_delete="CASCADE"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="author", name="support_ticket_notes_author_id_fk", on_delete="SET_NULL"
                    ),
                ],
            },
        ),
    ]
