"""Custom fields of marketing."""

from __future__ import annotations

from django.contrib import admin

from marketing.models import CustomField
from shared.backoffice.custom_field import CustomFieldDefinitionAdmin


@admin.register(CustomField)
class CustomFieldAdmin(CustomFieldDefinitionAdmin):
    """What tenants add to the records of marketing."""
