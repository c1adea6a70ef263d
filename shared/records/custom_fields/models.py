"""The tables behind custom fields; each domain has its own."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from shared.domains.access import TableAccess
from shared.records.constraints import TenantUnique
from shared.records.custom_fields.choices import FieldType, Visibility
from shared.records.fields import TenantForeignKey
from shared.records.models import Record, TenantRow

MAX_CHOICES = 200


class CustomFieldDefinition(Record):
    """A field that the tenant adds to one kind of record.

    What it is called in the data (entity, key, type) never changes, since values exist under it. Deleting retires it:
    values stay and are hidden until it is restored.
    """

    takes_custom_fields: ClassVar[bool] = False
    administered: ClassVar[bool] = True

    entity = models.CharField(max_length=63, help_text="The kind of record that has it.")
    key = models.CharField(
        max_length=63,
        validators=[
            RegexValidator(
                r"\A[a-z][a-z0-9_]*\Z",
                "Use small letters, digits and underscores, a letter first: shoe_size.",
            )
        ],
        help_text="Its name in custom_fields, as in shoe_size.",
    )
    label = models.CharField(max_length=100, help_text="Its name on pages.")
    type = models.CharField(max_length=8, choices=FieldType)
    choices = ArrayField(
        models.CharField(max_length=100),
        default=list,
        blank=True,
        size=MAX_CHOICES,
        help_text="What can be chosen, for the types choice and choices.",
    )
    required = models.BooleanField(
        default=False,
        help_text="Whether a record needs it; one that is there already, when its custom fields are next written.",
    )
    unique = models.BooleanField(
        default=False,
        help_text="Whether no two records may have the same value, in any case.",
    )
    default = models.JSONField(
        null=True, blank=True, help_text="What a new record gets where nothing is said of the field."
    )
    visibility = models.CharField(
        max_length=10, choices=Visibility, default=Visibility.EVERYWHERE, help_text="Who sees and writes it."
    )

    class Meta(Record.Meta):
        abstract = True
        verbose_name = "custom field"
        constraints = [
            TenantUnique(fields=["entity", "key"], name="%(app_label)s_custom_fields_key"),
            models.CheckConstraint(
                condition=models.Q(type__in=FieldType.values), name="%(app_label)s_custom_fields_type_check"
            ),
            models.CheckConstraint(
                condition=models.Q(visibility__in=Visibility.values),
                name="%(app_label)s_custom_fields_visibility_check",
            ),
        ]
        indexes = [
            models.Index("organization", "entity", name="%(app_label)s_fields_entity"),
            models.Index(
                "organization",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="%(app_label)s_fields_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class UniqueFieldValue(TenantRow):
    """A record has this value of a unique custom field; a B-tree refuses it to a second one.

    An index on the JSON itself would serve no look-up under row-level security, and each field would need its own.
    """

    referable: ClassVar[bool] = False

    definition = TenantForeignKey("CustomField", on_delete=models.CASCADE, related_name="+")  # type: ignore[misc]  # of the heir's app
    record_id = models.UUIDField()
    value = models.CharField(max_length=255, db_collation="C")
    held = models.BooleanField(default=True)
    """False while its record is deleted: another may take the value."""

    class Meta(TenantRow.Meta):
        abstract = True
        verbose_name = "value of a unique custom field"
        verbose_name_plural = "values of unique custom fields"
        constraints = [
            TenantUnique(
                fields=["definition", "value"],
                name="%(app_label)s_custom_field_values_key",
                condition=models.Q(held=True),
                living=False,
            ),
            TenantUnique(
                fields=["record_id", "definition"],
                name="%(app_label)s_custom_field_values_record_key",
                living=False,
            ),
        ]


class FieldTerm(models.Model):
    """A value that a record has, as a term that sorts as the value does (``terms.py``): the index of custom fields.

    The triggers that write versions keep it, whatever writes the record; deleted records keep their terms.
    """

    table_access: ClassVar[TableAccess] = TableAccess(derived=True)

    id = models.BigAutoField(primary_key=True)
    organization_id = models.UUIDField(editable=False)
    record_id = models.UUIDField(editable=False)
    term = models.TextField(db_collation="C", editable=False)
    created_at = models.DateTimeField(
        db_default=Now(), editable=False, help_text="Of the record: by which lists are sorted."
    )

    class Meta:
        abstract = True
        verbose_name = "term of a custom field"
        verbose_name_plural = "terms of custom fields"
        indexes = [
            models.Index(
                "organization_id", "term", "created_at", "record_id", name="%(app_label)s_terms_newest"
            ),
            models.Index("organization_id", "record_id", name="%(app_label)s_terms_record"),
        ]
