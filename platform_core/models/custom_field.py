"""What tenants add to the records of the platform."""

from __future__ import annotations

from shared.records.custom_fields.models import CustomFieldDefinition, FieldTerm, UniqueFieldValue


class CustomField(CustomFieldDefinition):
    """A field that a tenant adds to one kind of record of the platform."""

    class Meta(CustomFieldDefinition.Meta):
        db_table = 'platform"."custom_fields'
        verbose_name = "custom field of the platform"
        verbose_name_plural = "custom fields of the platform"


class CustomFieldValue(UniqueFieldValue):
    """Which record has which value of a unique custom field."""

    class Meta(UniqueFieldValue.Meta):
        db_table = 'platform"."custom_field_values'


class CustomFieldTerm(FieldTerm):
    """The index of custom fields: which record has which value."""

    class Meta(FieldTerm.Meta):
        db_table = 'platform"."custom_field_terms'
