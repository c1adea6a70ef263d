"""Custom fields of crm: tables, endpoint and page."""

from __future__ import annotations

from crm.models import CustomField, CustomFieldTerm, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    TermContract,
    UniqueValueContract,
)
from tests.crm.factories import make_deal


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "deal"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "deal"


class TestCustomFieldTerm(TermContract):
    model = CustomFieldTerm
    record = staticmethod(make_deal)


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "crm"
    url = "/api/crm/custom-fields"
    entity = "deal"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "deal"
