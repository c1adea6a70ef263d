"""Custom fields of platform: tables, endpoint and page."""

from __future__ import annotations

from platform_core.models import CustomField, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    UniqueValueContract,
)


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "customer"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "customer"


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "platform"
    url = "/api/platform/custom-fields"
    entity = "customer"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "customer"
