"""What every endpoint of marketing promises."""

from __future__ import annotations

from typing import Any

from marketing.models import Campaign, Segment
from shared.records import uuid7
from shared.tenancy.models import Tenant
from tests.bases.api import ApiWriteContract
from tests.marketing import factories


class TestSegments(ApiWriteContract):
    domain = "marketing"
    url = "/api/marketing/segments"
    changes = {"description": "Our best", "rules": {"not": factories.PREMIUM}}
    text_field = "name"
    duplicate_field = "name"

    def make(self, tenant: Tenant) -> Segment:
        return factories.make_segment()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": f"Best {uuid7().hex[-8:]}", "rules": {"any": [factories.PREMIUM]}}


class TestCampaigns(ApiWriteContract):
    domain = "marketing"
    url = "/api/marketing/campaigns"
    changes = {"subject": "Summer is here"}
    text_field = "name"
    duplicate_field = "name"

    def make(self, tenant: Tenant) -> Campaign:
        return factories.make_campaign()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "name": f"Spring {uuid7().hex[-8:]}",
            "segment_id": str(factories.make_segment().pk),
            "subject": "Spring is here",
            "content": "Hello!",
        }
