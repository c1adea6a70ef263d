"""Callers of the sample API."""

from __future__ import annotations

import pytest

from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller, make_caller


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    """A key of the tenant that may read and write the platform."""
    return make_caller(tenant, "platform:read", "platform:write")


@pytest.fixture
def stranger(other_tenant: Tenant) -> ApiCaller:
    """As ``caller``, of another tenant."""
    return make_caller(other_tenant, "platform:read", "platform:write")
