"""Golden customers for tests of CRM's edges."""

from __future__ import annotations

from typing import Any

from platform_core.services.company import create_company
from platform_core.services.customer import create_customer
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant


def make_customer(tenant: Tenant, **fields: Any) -> str:
    """The identifier of a new customer of the tenant, with a company, as the platform keeps them."""
    with acting(domain="platform", organization=tenant.id):
        company = create_company(name=f"Looms {uuid7().hex[-8:]}")
        values: dict[str, Any] = {
            "email": f"ada-{uuid7().hex}@example.com",
            "name": "Ada",
            "company_id": company.pk,
        }
        return str(create_customer(**{**values, **fields}).pk)
