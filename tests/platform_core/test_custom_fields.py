"""Custom fields of platform: tables, endpoint and page."""

from __future__ import annotations

from platform_core.models import CustomField, CustomFieldTerm, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    TermContract,
    UniqueValueContract,
)
from tests.platform_core.factories import make_customer


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "customer"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "customer"


class TestCustomFieldTerm(TermContract):
    model = CustomFieldTerm
    record = staticmethod(make_customer)


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "platform"
    url = "/api/platform/custom-fields"
    entity = "customer"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "customer"
