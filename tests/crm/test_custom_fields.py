"""Custom fields of crm: tables, endpoint and page."""

from __future__ import annotations

from crm.models import CustomField, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    UniqueValueContract,
)


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "deal"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "deal"


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "crm"
    url = "/api/crm/custom-fields"
    entity = "deal"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "deal"
