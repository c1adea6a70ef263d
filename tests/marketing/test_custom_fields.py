"""Custom fields of marketing: tables, endpoint and page."""

from __future__ import annotations

from marketing.models import CustomField, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    UniqueValueContract,
)


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "campaign"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "campaign"


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "marketing"
    url = "/api/marketing/custom-fields"
    entity = "campaign"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "campaign"
