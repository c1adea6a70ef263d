"""Campaigns and segments in the back office: the services rule there too."""

from __future__ import annotations

import json

from django.urls import reverse

from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.staff import read_form, staff_client
from tests.marketing.factories import make_campaign


def test_a_campaign_is_approved_and_scheduled_on_its_page(tenant: Tenant) -> None:
    client = staff_client(tenant)
    with acting(domain="marketing", organization=tenant.id):
        campaign = make_campaign()
    address = reverse("admin:marketing_campaign_change", args=[campaign.pk])

    def send(**typed: str) -> int:
        opened = read_form(client.get(address).content.decode(), "campaign_form")
        return client.post(address, {**opened, **typed}).status_code

    assert send(next_status="approved") == 302
    assert send(next_status="scheduled") == 200, "without a time"
    assert send(next_status="scheduled", send_at_0="2099-01-01", send_at_1="09:00:00") == 302
    assert send(next_status="sent") == 200, "not offered"
    assert send(subject="Other") == 200, "approved messages do not change"
    with acting(domain="marketing", organization=tenant.id):
        campaign.refresh_from_db()
        assert (campaign.status, campaign.subject) == ("scheduled", "Spring is here")


def test_bad_rules_are_an_error_of_their_field(tenant: Tenant) -> None:
    client = staff_client(tenant)
    address = reverse("admin:marketing_segment_add")
    refused = client.post(address, {"name": "Bad", "rules": json.dumps({"all": []})})
    assert refused.status_code == 200
    assert list(refused.context["adminform"].form.errors) == ["rules"]
