"""What tenants add to the records of sales."""

from __future__ import annotations

from shared.records.custom_fields.models import CustomFieldDefinition, FieldTerm, UniqueFieldValue


class CustomField(CustomFieldDefinition):
    """A field that a tenant adds to one kind of record of sales."""

    class Meta(CustomFieldDefinition.Meta):
        db_table = 'crm"."custom_fields'
        verbose_name = "custom field of sales"
        verbose_name_plural = "custom fields of sales"


class CustomFieldValue(UniqueFieldValue):
    """Which record has which value of a unique custom field."""

    class Meta(UniqueFieldValue.Meta):
        db_table = 'crm"."custom_field_values'


class CustomFieldTerm(FieldTerm):
    """The index of custom fields: which record has which value."""

    class Meta(FieldTerm.Meta):
        db_table = 'crm"."custom_field_terms'
