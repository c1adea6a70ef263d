"""The kit keeps the contract that every endpoint inherits."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from shared.records import uuid7
from shared.tenancy.models import Tenant, UserProfile
from tests.bases.api import ApiWriteContract


@pytest.mark.urls("tests.api.sample")
class TestProfiles(ApiWriteContract):
    domain = "platform"
    url = "/api/platform/profiles"
    changes: ClassVar[dict[str, Any]] = {"name": "Bea"}
    text_field = "name"

    def make(self, tenant: Tenant) -> Any:
        return UserProfile.objects.create(user_id=uuid7(), name="Ada", email="ada@example.com")

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": "Ada", "email": "ada@example.com", "custom_fields": {}}
