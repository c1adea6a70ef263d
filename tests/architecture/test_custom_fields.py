"""Every domain has custom fields, and each kind of record that takes them can be given them."""

from __future__ import annotations

import pytest
from django.apps import apps

from shared.api.viewsets import RecordViewSet
from shared.domains.registry import Domain, domains
from shared.records.custom_fields.models import CustomFieldDefinition
from shared.records.custom_fields.selectors import entities_of, value_model_of
from shared.records.models import noun_of
from tests.architecture.test_endpoints_are_covered import api_views


@pytest.mark.parametrize("domain", domains(), ids=lambda d: d.name)
def test_a_domain_has_its_definitions(domain: Domain) -> None:
    model = apps.get_model(domain.app, "CustomField")
    assert issubclass(model, CustomFieldDefinition)
    assert value_model_of(model)._meta.app_label == domain.app
    assert model in {getattr(view, "model", None) for view in api_views()}


def test_each_kind_that_takes_them_can_be_given_them() -> None:
    written = {
        noun_of(view.model)
        for view in api_views()
        if issubclass(view, RecordViewSet)
        and view.update_service is not None
        and "custom_fields" in (view.update_serializer or view.create_serializer)().fields  # type: ignore[misc, union-attr]
    }
    tables = [m for m in apps.get_models() if issubclass(m, CustomFieldDefinition)]
    takers = {noun for table in tables for noun in entities_of(table)}
    assert takers - written == set(), (
        "say takes_custom_fields = False, or let its endpoint take custom_fields"
    )
    assert written - takers == set()
