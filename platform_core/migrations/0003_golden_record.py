"""The golden record: companies, customers, interactions, profiles, archetypes, imports."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import django.utils.timezone
import platform_core.models.customer
import shared.domains.access
import shared.records.constraints
import shared.records.fields
import shared.records.identifiers
import shared.records.partitions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("platform_core", "0002_identity_access"),
        ("shared", "0004_idempotency_keys"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchetypeL1",
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
                ("code", models.SlugField(db_index=False, max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
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
                "verbose_name": "archetype (level 1)",
                "verbose_name_plural": "archetypes (level 1)",
                "db_table": 'platform"."dim_archetype_l1',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="dim_archetype_l1_newest",
                    )
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("code",), name="dim_archetype_l1_code_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_dim_archetype_l1_organization_id_key",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchetypeL2",
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
                ("code", models.SlugField(db_index=False, max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
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
                    "parent",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="platform_core.archetypel1",
                    ),
                ),
            ],
            options={
                "verbose_name": "archetype (level 2)",
                "verbose_name_plural": "archetypes (level 2)",
                "db_table": 'platform"."dim_archetype_l2',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="dim_archetype_l2_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("parent"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="dim_archetype_l2_parent",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("code",), name="dim_archetype_l2_code_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_dim_archetype_l2_organization_id_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="parent",
                        name="platform_core_dim_archetype_l2_parent_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchetypeL3",
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
                ("code", models.SlugField(db_index=False, max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
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
                    "parent",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="platform_core.archetypel2",
                    ),
                ),
            ],
            options={
                "verbose_name": "archetype (level 3)",
                "verbose_name_plural": "archetypes (level 3)",
                "db_table": 'platform"."dim_archetype_l3',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="dim_archetype_l3_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("parent"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="dim_archetype_l3_parent",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("code",), name="dim_archetype_l3_code_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_dim_archetype_l3_organization_id_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="parent",
                        name="platform_core_dim_archetype_l3_parent_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArchetypeDefinition",
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
                ("code", models.SlugField(db_index=False, max_length=64)),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
                (
                    "criteria",
                    models.JSONField(
                        blank=True, db_default={}, default=dict, help_text="Typical values of the features."
                    ),
                ),
                ("guidance", models.TextField(blank=True, help_text="How to speak to these customers.")),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
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
                    "l1",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="definitions",
                        to="platform_core.archetypel1",
                    ),
                ),
                (
                    "l2",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="definitions",
                        to="platform_core.archetypel2",
                    ),
                ),
                (
                    "l3",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="definitions",
                        to="platform_core.archetypel3",
                    ),
                ),
            ],
            options={
                "verbose_name": "archetype",
                "db_table": 'platform"."archetype_definitions',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="archetype_definitions_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("l1"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="archetype_definitions_l1",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("code",), name="archetype_definitions_code_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("l3__isnull", True), ("l2__isnull", False), _connector="OR"),
                        name="archetype_definitions_levels_check",
                        violation_error_message="A level-3 archetype needs its level 2.",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_archetype_definitions_organization_id_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="l1", name="platform_core_archetype_definitions_l1_id_fk", on_delete="CASCADE"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="l2", name="platform_core_archetype_definitions_l2_id_fk", on_delete="CASCADE"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="l3", name="platform_core_archetype_definitions_l3_id_fk", on_delete="CASCADE"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Company",
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
                        output_field=models.CharField(db_collation="C", max_length=200),
                    ),
                ),
                (
                    "domain",
                    models.CharField(
                        blank=True, help_text="Internet domain, as in example.com.", max_length=253
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=100)),
                ("phone", models.CharField(blank=True, help_text="E.164, as in +4930123456.", max_length=16)),
                ("country", models.CharField(blank=True, help_text="ISO 3166, as in DE.", max_length=2)),
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
                "verbose_name_plural": "companies",
                "db_table": 'platform"."companies',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="companies_newest",
                    ),
                    models.Index(models.F("organization"), models.F("domain"), name="companies_domain"),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="name", fields=("name_norm",), name="companies_name_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_norm", ""), _negated=True), name="companies_name_check"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="platform_core_companies_organization_id_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
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
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail")),
                (
                    "email_norm",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.NullIf(
                            django.db.models.functions.text.Lower(
                                django.db.models.functions.text.Trim("email")
                            ),
                            models.Value(""),
                        ),
                        output_field=models.CharField(db_collation="C", max_length=254, null=True),
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
                        output_field=models.CharField(db_collation="C", max_length=200),
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        help_text="As in +4930123456.",
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A\\+[1-9][0-9]{6,14}\\Z",
                                "Write a phone number in full, as in +4930123456 (E.164).",
                            )
                        ],
                    ),
                ),
                ("crm_id", models.CharField(blank=True, max_length=64, null=True, verbose_name="CRM id")),
                (
                    "support_id",
                    models.CharField(blank=True, max_length=64, null=True, verbose_name="support id"),
                ),
                (
                    "account_tier",
                    models.CharField(
                        choices=[
                            ("standard", "Standard"),
                            ("premium", "Premium"),
                            ("enterprise", "Enterprise"),
                        ],
                        default="standard",
                        max_length=16,
                    ),
                ),
                (
                    "preferred_language",
                    models.CharField(
                        blank=True,
                        help_text="As in de or pt-BR (BCP 47).",
                        max_length=35,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\Z",
                                "Write a language as in de or pt-BR (BCP 47).",
                            )
                        ],
                    ),
                ),
                (
                    "timezone",
                    models.CharField(
                        blank=True,
                        help_text="As in Europe/Berlin.",
                        max_length=64,
                        validators=[platform_core.models.customer.validate_timezone],
                        verbose_name="time zone",
                    ),
                ),
                (
                    "account_manager",
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
                    "company",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="customers",
                        to="platform_core.company",
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
                "db_table": 'platform"."customers',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customers_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("account_tier"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customers_account_tier",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("company"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("company__isnull", False)),
                        name="customers_company",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("account_manager"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        condition=models.Q(("account_manager__isnull", False)),
                        name="customers_account_manager",
                    ),
                    models.Index(
                        models.F("organization"), models.F("name_norm"), models.F("id"), name="customers_name"
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("phone"),
                        models.F("id"),
                        condition=models.Q(("phone", ""), _negated=True),
                        name="customers_phone",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="email", fields=("email_norm",), name="customers_email_key"
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("crm_id__isnull", False)),
                        fields=("crm_id",),
                        name="customers_crm_id_key",
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("support_id__isnull", False)),
                        fields=("support_id",),
                        name="customers_support_id_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("account_tier__in", ["standard", "premium", "enterprise"])),
                        name="customers_account_tier_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phone", ""), ("phone__regex", "^\\+[1-9][0-9]{6,14}$"), _connector="OR"
                        ),
                        name="customers_phone_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="platform_core_customers_organization_id_key"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="company", name="platform_core_customers_company_id_fk", on_delete="SET_NULL"
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="account_manager",
                        name="platform_core_customers_account_manager_id_fk",
                        on_delete="SET_NULL",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CompanyMembership",
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
                ("role", models.CharField(blank=True, help_text="As in purchasing manager.", max_length=100)),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="from")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="to")),
                (
                    "company",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="platform_core.company",
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
                        related_name="company_memberships",
                        to="platform_core.customer",
                    ),
                ),
            ],
            options={
                "db_table": 'platform"."company_memberships',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.F("company"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="company_memberships_company",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="company_memberships_customer",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("ended_on__isnull", True)),
                        fields=("customer", "company"),
                        name="company_memberships_open_key",
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("ended_on__isnull", True), ("is_primary", True)),
                        error_field="is_primary",
                        fields=("customer",),
                        name="company_memberships_primary_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("started_on__isnull", True),
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("started_on")),
                            _connector="OR",
                        ),
                        name="company_memberships_order_check",
                        violation_error_message="The end lies before the beginning.",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_company_memberships_organization_id_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer",
                        name="platform_core_company_memberships_customer_id_fk",
                        on_delete="CASCADE",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="company",
                        name="platform_core_company_memberships_company_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerIdentifier",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("external_id", "External id"),
                            ("phone", "Phone"),
                            ("visitor_id", "Visitor id"),
                        ],
                        max_length=16,
                    ),
                ),
                ("value", models.CharField(help_text="As it was given.", max_length=254)),
                (
                    "value_norm",
                    models.CharField(
                        db_collation="C",
                        editable=False,
                        help_text="As it is compared.",
                        max_length=254,
                        verbose_name="normalised value",
                    ),
                ),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="Where it comes from, as in cdnow.", max_length=64
                    ),
                ),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identifiers",
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
                "db_table": 'platform"."customer_identifiers',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_identifiers_newest",
                    ),
                    models.Index(
                        condition=models.Q(("kind__in", ["phone", "visitor_id"])),
                        fields=["organization", "kind", "value_norm"],
                        name="customer_identifiers_weak",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("kind__in", ["email", "external_id"])),
                        error_field="value",
                        fields=("kind", "value_norm"),
                        name="customer_identifiers_strong_key",
                    ),
                    shared.records.constraints.TenantUnique(
                        error_field="value",
                        fields=("customer", "kind", "value_norm"),
                        name="customer_identifiers_customer_key",
                    ),
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("is_primary", True)),
                        error_field="is_primary",
                        fields=("customer", "kind"),
                        name="customer_identifiers_primary_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["email", "external_id", "phone", "visitor_id"])),
                        name="customer_identifiers_kind_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("value_norm", ""), _negated=True),
                        name="customer_identifiers_value_check",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer",
                        name="platform_core_customer_identifiers_customer_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
        shared.records.partitions.CreatePartitionedModel(
            name="CustomerInteraction",
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
                ("occurred_at", models.DateTimeField()),
                (
                    "interaction_type",
                    models.CharField(
                        help_text="As in purchase, chat, ticket, visit.",
                        max_length=32,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z][a-z0-9_.-]*\\Z",
                                "Write a word of small letters, digits and underscores, as in purchase.",
                            )
                        ],
                        verbose_name="type",
                    ),
                ),
                (
                    "channel",
                    models.CharField(blank=True, help_text="As in web, e-mail, phone, store.", max_length=32),
                ),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True)),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z]{3}\\Z", "Write a currency as three capitals, as in EUR (ISO 4217)."
                            )
                        ],
                    ),
                ),
                (
                    "source",
                    models.CharField(blank=True, help_text="Which system told, as in cdnow.", max_length=64),
                ),
                ("external_id", models.CharField(blank=True, db_collation="C", max_length=200, null=True)),
                ("metadata", models.JSONField(blank=True, db_default={}, default=dict)),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interactions",
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
            by="occurred_at",
            access=shared.domains.access.TableAccess(append_only=True),
            options={
                "db_table": 'platform"."customer_interactions',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_interactions_latest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("customer"),
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_interactions_customer",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("interaction_type"),
                        models.OrderBy(models.F("occurred_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_interactions_type",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        error_field="external_id",
                        fields=("source", "external_id", "occurred_at"),
                        living=False,
                        name="customer_interactions_import_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__isnull", True), ("currency__regex", "^[A-Z]{3}$"), _connector="OR"
                        ),
                        name="customer_interactions_currency_check",
                        violation_error_message="An amount needs its currency.",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer",
                        name="platform_core_customer_interactions_customer_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomerProfile",
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
                ("last_interaction_at", models.DateTimeField(blank=True, null=True)),
                ("interaction_count", models.PositiveIntegerField(default=0)),
                (
                    "recency",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Days from the last purchase to the newest data.",
                        null=True,
                        verbose_name="recency (days)",
                    ),
                ),
                ("frequency", models.PositiveIntegerField(default=0, help_text="Number of purchases.")),
                (
                    "monetary_value",
                    models.DecimalField(
                        decimal_places=2,
                        default=0,
                        help_text="Sum of all purchases in the main currency.",
                        max_digits=18,
                    ),
                ),
                (
                    "currency",
                    models.CharField(blank=True, help_text="The currency of most purchases.", max_length=3),
                ),
                (
                    "archetype_l1_probability",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="probability of level 1",
                    ),
                ),
                (
                    "archetype_l2_probability",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="probability of level 2",
                    ),
                ),
                (
                    "archetype_l3_probability",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="probability of level 3",
                    ),
                ),
                ("expected_purchases", models.FloatField(blank=True, null=True)),
                (
                    "probability_alive",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="probability alive",
                    ),
                ),
                (
                    "lifetime_value",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=18, null=True),
                ),
                (
                    "churn_risk",
                    models.FloatField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="churn risk",
                    ),
                ),
                ("features", models.JSONField(blank=True, db_default={}, default=dict)),
                (
                    "model_name",
                    models.CharField(
                        blank=True, help_text="Which model scored it.", max_length=100, verbose_name="model"
                    ),
                ),
                ("model_version", models.CharField(blank=True, max_length=32)),
                ("computed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "archetype_l1",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="platform_core.archetypel1",
                    ),
                ),
                (
                    "archetype_l2",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="platform_core.archetypel2",
                    ),
                ),
                (
                    "archetype_l3",
                    shared.records.fields.TenantForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="platform_core.archetypel3",
                    ),
                ),
                (
                    "customer",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profiles",
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
                "db_table": 'platform"."customer_profiles',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_profiles_newest",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("archetype_l1"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="customer_profiles_archetype",
                    ),
                    models.Index(
                        models.F("organization"),
                        models.F("last_interaction_at"),
                        name="customer_profiles_last",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("customer",), living=False, name="customer_profiles_customer_key"
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"),
                        name="platform_core_customer_profiles_organization_id_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="customer",
                        name="platform_core_customer_profiles_customer_id_fk",
                        on_delete="CASCADE",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="archetype_l1",
                        name="platform_core_customer_profiles_archetype_l1_id_fk",
                        on_delete="SET_NULL",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="archetype_l2",
                        name="platform_core_customer_profiles_archetype_l2_id_fk",
                        on_delete="SET_NULL",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="archetype_l3",
                        name="platform_core_customer_profiles_archetype_l3_id_fk",
                        on_delete="SET_NULL",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
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
                ("file_name", models.CharField(editable=False, max_length=255)),
                ("file_hash", models.CharField(editable=False, max_length=64)),
                ("mapping_hash", models.CharField(editable=False, max_length=64)),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("finished", "Finished")],
                        default="running",
                        editable=False,
                        max_length=16,
                    ),
                ),
                (
                    "position",
                    models.PositiveBigIntegerField(
                        default=0, editable=False, help_text="Last line that is done."
                    ),
                ),
                ("customers_created", models.PositiveIntegerField(default=0, editable=False)),
                ("interactions_created", models.PositiveIntegerField(default=0, editable=False)),
                ("bad_rows", models.PositiveIntegerField(default=0, editable=False)),
                ("finished_at", models.DateTimeField(editable=False, null=True)),
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
                "verbose_name_plural": "import batches",
                "db_table": 'platform"."import_batches',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="import_batches_newest",
                    )
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("file_hash", "mapping_hash"), name="import_batches_file_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["running", "finished"])),
                        name="import_batches_status_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="platform_core_import_batches_organization_id_key"
                    ),
                ],
            },
        ),
    ]
