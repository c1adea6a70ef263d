"""A customer is known by something."""

from __future__ import annotations

import pytest

from platform_core.models import Customer
from platform_core.services.customer import create_customer
from shared.errors import InvalidInput
from shared.session import acting
from shared.tenancy.models import Tenant


@pytest.mark.parametrize("values", [{}, {"email": " "}, {"name": "", "preferred_language": "de"}])
def test_a_customer_known_by_nothing_is_refused(tenant: Tenant, values: dict[str, str]) -> None:
    with acting(domain="platform", organization=tenant.id):
        with pytest.raises(InvalidInput) as refused:
            create_customer(**values)  # type: ignore[typeddict-item]
        assert list(refused.value.errors) == ["email"]
        assert not Customer.all_objects.exists()


@pytest.mark.parametrize("values", [{"name": "Ada"}, {"crm_id": "c-1"}, {"phone": "+4930123456"}])
def test_any_of_these_is_enough(tenant: Tenant, values: dict[str, str]) -> None:
    with acting(domain="platform", organization=tenant.id):
        assert create_customer(**values).pk  # type: ignore[typeddict-item]
