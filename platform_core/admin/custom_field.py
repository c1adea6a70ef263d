"""Custom fields of the platform."""

from __future__ import annotations

from django.contrib import admin

from platform_core.models import CustomField
from shared.backoffice.custom_field import CustomFieldDefinitionAdmin


@admin.register(CustomField)
class CustomFieldAdmin(CustomFieldDefinitionAdmin):
    """What tenants add to the records of the platform."""
