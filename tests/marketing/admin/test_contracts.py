"""What every page of marketing promises."""

from __future__ import annotations

import json
from typing import Any

from marketing.models import Campaign, Segment
from shared.tenancy.models import Tenant
from tests.bases.admin import AdminContract
from tests.marketing import factories


class TestSegmentAdmin(AdminContract):
    model = Segment
    duplicate_field = "name"
    edit = {"rules": json.dumps({"not": factories.PREMIUM})}

    def make(self, tenant: Tenant) -> Segment:
        return factories.make_segment()

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": "Best", "rules": json.dumps(factories.PREMIUM)}


class TestCampaignAdmin(AdminContract):
    model = Campaign
    duplicate_field = "name"
    edit = {"subject": "Summer is here"}

    def make(self, tenant: Tenant) -> Campaign:
        return factories.make_campaign()

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": "Spring", "subject": "Spring is here", "content": "Hello!", "channel": "email"}
