import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import shared.records.constraints
import shared.records.fields
import shared.records.identifiers
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0004_idempotency_keys"),
        ("support", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CustomField",
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
                "verbose_name": "custom field of support",
                "verbose_name_plural": "custom fields of support",
                "db_table": 'support_app"."custom_fields',
                "abstract": False,
                "indexes": [
                    models.Index(models.F("organization"), models.F("entity"), name="support_fields_entity"),
                    models.Index(
                        models.F("organization"),
                        models.OrderBy(models.F("created_at"), descending=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="support_fields_newest",
                    ),
                ],
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        fields=("entity", "key"), name="support_custom_fields_key"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "type__in",
                                [
                                    "text",
                                    "number",
                                    "integer",
                                    "boolean",
                                    "date",
                                    "datetime",
                                    "choice",
                                    "choices",
                                    "url",
                                    "email",
                                ],
                            )
                        ),
                        name="support_custom_fields_type_check",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("visibility__in", ["everywhere", "staff", "api"])),
                        name="support_custom_fields_visibility_check",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "id"), name="support_custom_fields_organization_id_key"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomFieldValue",
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
                ("record_id", models.UUIDField()),
                ("value", models.CharField(db_collation="C", max_length=255)),
                ("held", models.BooleanField(default=True)),
                (
                    "definition",
                    shared.records.fields.TenantForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="support.customfield",
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
                "verbose_name": "value of a unique custom field",
                "verbose_name_plural": "values of unique custom fields",
                "db_table": 'support_app"."custom_field_values',
                "abstract": False,
                "constraints": [
                    shared.records.constraints.TenantUnique(
                        condition=models.Q(("held", True)),
                        fields=("definition", "value"),
                        living=False,
                        name="support_custom_field_values_key",
                    ),
                    shared.records.constraints.TenantUnique(
                        fields=("record_id", "definition"),
                        living=False,
                        name="support_custom_field_values_record_key",
                    ),
                    shared.records.constraints.TenantForeignKeyConstraint(
                        field="definition",
                        name="support_custom_field_values_definition_id_fk",
                        on_delete="CASCADE",
                    ),
                ],
            },
        ),
    ]
