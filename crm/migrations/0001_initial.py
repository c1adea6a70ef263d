import django.contrib.postgres.fields
import django.core.validators
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
                "db_table": 'crm"."customer_references',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"), models.F("email_norm"), name="crm_references_email"
                    ),
                    models.Index(models.F("organization"), models.F("name_norm"), name="crm_references_name"),
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="crm_references_newest",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("customer_id",), living=False, name="crm_customer_references_customer_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="crm_customer_references_organization_id_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
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
                ("company_id", models.UUIDField(editable=False, help_text="The golden company.")),
                ("company_name", models.CharField(blank=True, editable=False, max_length=200)),
                ("role_title", models.CharField(blank=True, max_length=200)),
                (
                    "is_primary",
                    models.BooleanField(
                        default=False, help_text="The first person to talk to at the company."
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
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="crm.customerreference",
                    ),
                ),
            ],
            options={
                "db_table": 'crm"."contacts',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="contacts_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("company_id"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="contacts_company",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="contacts_customer",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("company_id", "customer"), name="contacts_customer_company_key"
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("is_primary", True)),
                        error_field="is_primary",
                        fields=("company_id",),
                        name="contacts_primary_key",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="crm_contacts_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer", name="crm_contacts_customer_id_fk", on_delete="CASCADE"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deal",
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
                ("name", models.CharField(max_length=200)),
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
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="deals",
                        to="crm.customerreference",
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
            ],
            options={
                "db_table": 'crm"."deals',
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Activity",
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
                    "contact",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="activities",
                        to="crm.contact",
                    ),
                ),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="activities",
                        to="crm.customerreference",
                    ),
                ),
                (
                    "deal",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="activities",
                        to="crm.deal",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "activities",
                "db_table": 'crm"."activities',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="activities_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("type"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="activities_type",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("deal"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="activities_deal",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("contact"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="activities_contact",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="activities_customer",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("owner"),
                        models.F("done_at"),
                        models.F("due_at"),
                        name="activities_to_do",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "note",
                                    "call",
                                    "meeting",
                                    "email",
                                    "task",
                                    "deal_won",
                                    "deal_lost",
                                    "support_chat",
                                ],
                            )
                        ),
                        name="activities_type_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("type", "task"),
                            models.Q(("done_at__isnull", True), ("due_at__isnull", True)),
                            _connector="OR",
                        ),
                        name="activities_task_check",
                        violation_error_message="Only a task has a due date: choose the type task.",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="crm_activities_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="deal", name="crm_activities_deal_id_fk", on_delete="CASCADE"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="contact", name="crm_activities_contact_id_fk", on_delete="SET_NULL"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer", name="crm_activities_customer_id_fk", on_delete="SET_NULL"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="owner", name="crm_activities_owner_id_fk", on_delete="SET_NULL"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Pipeline",
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
                ("name", models.CharField(max_length=100)),
                (
                    "name_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("name")
                        ),
                        output_field=models.CharField(max_length=100),
                    ),
                ),
                ("description", models.TextField(blank=True, max_length=2000)),
                (
                    "is_default",
                    models.BooleanField(
                        default=False,
                        help_text="Deals opened without naming a pipeline start here; at most one is the default.",
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
                "db_table": 'crm"."pipelines',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="pipelines_newest",
                    )
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="name", fields=("name_norm",), name="pipelines_name_key"
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="pipelines_default_key",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="crm_pipelines_organization_id_key"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="deal",
            name="pipeline",
            field=shared.records.fields.TenantForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deals",
                to="crm.pipeline",
            ),
        ),
        migrations.CreateModel(
            name="PipelineStage",
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
                ("name", models.CharField(max_length=100)),
                (
                    "name_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower(
                            django.db.models.functions.text.Trim("name")
                        ),
                        output_field=models.CharField(max_length=100),
                    ),
                ),
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
                    "pipeline",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stages",
                        to="crm.pipeline",
                    ),
                ),
            ],
            options={
                "db_table": 'crm"."pipeline_stages',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("pipeline"),
                        models.F("position"),
                        models.F("id"),
                        name="pipeline_stages_order",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="pipeline_stages_newest",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="name", fields=("pipeline", "name_norm"), name="pipeline_stages_name_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("type__in", ["open", "won", "lost"])),
                        name="pipeline_stages_type_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("probability__lte", 100), ("type", "open")),
                            models.Q(("probability", 100), ("type", "won")),
                            models.Q(("probability", 0), ("type", "lost")),
                            _connector="OR",
                        ),
                        name="pipeline_stages_certainty_check",
                        violation_error_message="Probability is 100 in a won stage and 0 in a lost one.",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="crm_pipeline_stages_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="pipeline", name="crm_pipeline_stages_pipeline_id_fk", on_delete="CASCADE"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DealStageHistory",
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
                ("entered_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(blank=True, null=True)),
                (
                    "moved_by",
                    models.CharField(
                        blank=True, help_text="Who moved the deal into this stage.", max_length=200
                    ),
                ),
                (
                    "deal",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stage_history",
                        to="crm.deal",
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
                    "stage",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="crm.pipelinestage",
                    ),
                ),
            ],
            options={
                "verbose_name": "stay in a stage",
                "verbose_name_plural": "stays in stages",
                "db_table": 'crm"."deal_stage_history',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("deal"),
                        models.F("entered_at"),
                        name="deal_stage_history_deal",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("stage"),
                        models.F("entered_at"),
                        name="deal_stage_history_stage",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("left_at__isnull", True)),
                        fields=("deal",),
                        name="deal_stage_history_open_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("left_at__isnull", True),
                            ("left_at__gte", models.F("entered_at")),
                            _connector="OR",
                        ),
                        name="deal_stage_history_order_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="crm_deal_stage_history_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="deal", name="crm_deal_stage_history_deal_id_fk", on_delete="CASCADE"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="stage", name="crm_deal_stage_history_stage_id_fk", on_delete="PROTECT"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="deal",
            name="stage",
            field=shared.records.fields.TenantForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deals",
                to="crm.pipelinestage",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_newest",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.F("status"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_status",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.F("stage"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_stage",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.F("pipeline"),
                models.F("status"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_pipeline",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.F("owner"),
                models.F("status"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.F("customer"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_customer",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"),
                models.F("company_id"),
                models.OrderBy(models.F("created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="deals_company",
            ),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(models.F("organization"), models.F("name_norm"), name="deals_name"),
        ),
        migrations.AddIndex(
            model_name="deal",
            index=models.Index(
                models.F("organization"), models.F("expected_close"), name="deals_expected_close"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["open", "won", "lost"])), name="deals_status_check"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("status", "open")),
                    models.Q(models.Q(("status", "open"), _negated=True), ("closed_at__isnull", False)),
                    _connector="OR",
                ),
                name="deals_closed_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "lost"), _negated=True),
                    models.Q(("loss_reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="deals_loss_reason_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__isnull", True), ("amount__gte", 0), _connector="OR"),
                name="deals_amount_check",
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="deals_currency_check"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=models.UniqueConstraint(
                fields=("organization", "id"), name="crm_deals_organization_id_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=shared.records.constraints.TenantForeignKeyConstraint(
                field="pipeline", name="crm_deals_pipeline_id_fk", on_delete="PROTECT"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=shared.records.constraints.TenantForeignKeyConstraint(
                field="stage", name="crm_deals_stage_id_fk", on_delete="PROTECT"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=shared.records.constraints.TenantForeignKeyConstraint(
                field="customer", name="crm_deals_customer_id_fk", on_delete="SET_NULL"
            ),
        ),
        migrations.AddConstraint(
            model_name="deal",
            constraint=shared.records.constraints.TenantForeignKeyConstraint(
                field="owner", name="crm_deals_owner_id_fk", on_delete="SET_NULL"
            ),
        ),
    ]
