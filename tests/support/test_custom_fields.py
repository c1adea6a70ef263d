"""Custom fields of support: tables, endpoint and page."""

from __future__ import annotations

from support.models import CustomField, CustomFieldTerm, CustomFieldValue
from tests.bases.custom_fields import (
    CustomFieldAdminContract,
    CustomFieldApiContract,
    DefinitionContract,
    TermContract,
    UniqueValueContract,
)
from tests.support.factories import make_ticket


class TestCustomField(DefinitionContract):
    model = CustomField
    entity = "ticket"


class TestCustomFieldValue(UniqueValueContract):
    model = CustomFieldValue
    entity = "ticket"


class TestCustomFieldTerm(TermContract):
    model = CustomFieldTerm
    record = staticmethod(make_ticket)


class TestCustomFieldApi(CustomFieldApiContract):
    domain = "support"
    url = "/api/support/custom-fields"
    entity = "ticket"


class TestCustomFieldAdmin(CustomFieldAdminContract):
    model = CustomField
    entity = "ticket"
