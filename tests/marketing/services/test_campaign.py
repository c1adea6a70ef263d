"""Campaigns from their draft to the archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.utils import timezone

from marketing.choices import CAMPAIGN_TRANSITIONS, CampaignStatus
from marketing.models import Campaign
from marketing.services.campaign import change_campaign_status, delete_campaign, update_campaign
from shared.errors import Conflict, InvalidInput, NotFound
from shared.records import uuid7
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.marketing.factories import make_campaign, make_segment

S = CampaignStatus
ROAD = {
    S.DRAFT: (),
    S.APPROVED: (S.APPROVED,),
    S.SCHEDULED: (S.APPROVED, S.SCHEDULED),
    S.SENDING: (S.APPROVED, S.SCHEDULED, S.SENDING),
    S.PAUSED: (S.APPROVED, S.SCHEDULED, S.SENDING, S.PAUSED),
    S.SENT: (S.APPROVED, S.SCHEDULED, S.SENDING, S.SENT),
    S.ARCHIVED: (S.ARCHIVED,),
}


@pytest.fixture(autouse=True)
def _acting(tenant: Tenant) -> Iterator[None]:
    actor = Actor(kind="user", id=uuid7(), name="Alice Owner")
    with acting(domain="marketing", organization=tenant.id, actor=actor):
        yield


def go(campaign: Campaign, status: str) -> Campaign:
    at = timezone.now() + dt.timedelta(days=1) if status == S.SCHEDULED else None
    return change_campaign_status(campaign_id=campaign.pk, status=status, scheduled_at=at)


def brought_to(status: CampaignStatus) -> Campaign:
    campaign = make_campaign()
    for step in ROAD[status]:
        campaign = go(campaign, step)
    return campaign


@pytest.mark.parametrize("start", list(S))
@pytest.mark.parametrize("to", list(S))
def test_only_the_declared_transitions_happen(start: CampaignStatus, to: CampaignStatus) -> None:
    campaign = brought_to(start)
    allowed = CAMPAIGN_TRANSITIONS[start]
    if to in allowed:
        assert go(campaign, to).status == to
        return
    with pytest.raises(Conflict) as refused:
        go(campaign, to)
    assert refused.value.extra["allowed"] == [s.value for s in allowed]
    before = campaign.version
    campaign.refresh_from_db()
    assert (campaign.status, campaign.version) == (start, before)


def test_the_road_leaves_its_times() -> None:
    campaign = brought_to(S.SENT)
    assert campaign.approved_by == "Alice Owner"
    assert campaign.approved_at <= campaign.started_at <= campaign.finished_at


def test_an_incomplete_campaign_is_not_approved() -> None:
    with pytest.raises(Conflict, match="segment, subject") as refused:
        go(make_campaign(segment_id=None, subject=""), S.APPROVED)
    assert set(refused.value.errors) == {"segment_id", "subject"}


def test_scheduling_asks_for_a_time_to_come() -> None:
    campaign = brought_to(S.APPROVED)
    for wrong in (None, timezone.now() - dt.timedelta(minutes=1)):
        with pytest.raises(InvalidInput) as refused:
            change_campaign_status(campaign_id=campaign.pk, status=S.SCHEDULED, scheduled_at=wrong)
        assert "scheduled_at" in refused.value.errors


def test_what_was_approved_does_not_change() -> None:
    campaign = brought_to(S.APPROVED)
    with pytest.raises(Conflict, match="draft") as refused:
        update_campaign(campaign=campaign, subject="Other", name="New name")
    assert set(refused.value.errors) == {"subject"}
    assert update_campaign(campaign=campaign, name="New name").name == "New name"
    campaign = go(campaign, S.DRAFT)
    assert (campaign.approved_at, campaign.approved_by) == (None, "")
    assert update_campaign(campaign=campaign, subject="Other").subject == "Other"


def test_a_campaign_on_its_way_is_not_deleted() -> None:
    with pytest.raises(Conflict):
        delete_campaign(campaign=brought_to(S.SENDING))
    delete_campaign(campaign=brought_to(S.DRAFT))


def test_another_tenants_segment_and_campaign_do_not_exist(other_tenant: Tenant) -> None:
    with acting(domain="marketing", organization=other_tenant.id):
        segment, campaign = make_segment(), make_campaign()
    with pytest.raises(InvalidInput) as refused:
        make_campaign(segment_id=segment.pk)
    assert "segment_id" in refused.value.errors
    with pytest.raises(NotFound):
        go(campaign, S.APPROVED)
