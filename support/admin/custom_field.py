"""Custom fields of support."""

from __future__ import annotations

from django.contrib import admin

from shared.backoffice.custom_field import CustomFieldDefinitionAdmin
from support.models import CustomField


@admin.register(CustomField)
class CustomFieldAdmin(CustomFieldDefinitionAdmin):
    """What tenants add to the records of support."""
