"""Custom fields of marketing: tables, endpoint and page."""

from __future__ import annotations

from marketing.models import CustomField, CustomFieldTerm, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    TermContract,
    UniqueValueContract,
)
from tests.marketing.factories import make_segment


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "campaign"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "campaign"


class TestCustomFieldTerm(TermContract):
    model = CustomFieldTerm
    record = staticmethod(make_segment)


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "marketing"
    url = "/api/marketing/custom-fields"
    entity = "campaign"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "campaign"
