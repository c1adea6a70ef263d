"""Marketing's part of the demo: segments and campaigns."""

from __future__ import annotations

from marketing.choices import CampaignStatus
from marketing.models import Segment
from marketing.services.campaign import change_campaign_status, create_campaign
from marketing.services.segment import create_segment
from shared.tenancy.models import Tenant


def seed(tenant: Tenant) -> None:
    """Three segments, a draft and an approved campaign."""
    if Segment.objects.exists():
        return
    valued = create_segment(
        name="Valued customers",
        description="Premium and enterprise.",
        rules={"field": "tier", "op": "in", "value": ["premium", "enterprise"]},
    )
    quiet = create_segment(
        name="Gone quiet",
        description="Bought before, not in the last 90 days.",
        rules={
            "all": [
                {"field": "profile.interaction_count", "op": "gte", "value": 1},
                {"not": {"field": "event.purchase", "op": "within_days", "value": 90}},
            ]
        },
    )
    both = create_segment(
        name="Valued and gone quiet",
        rules={"all": [{"segment": str(valued.pk)}, {"segment": str(quiet.pk)}]},
    )
    create_campaign(name="Spring newsletter", segment_id=valued.pk, subject="What is new this spring")
    welcome_back = create_campaign(
        name="Welcome back",
        segment_id=both.pk,
        subject="We miss you",
        content="Hello,\n\nhere is what has changed since your last visit.",
    )
    change_campaign_status(campaign_id=welcome_back.pk, status=CampaignStatus.APPROVED)
