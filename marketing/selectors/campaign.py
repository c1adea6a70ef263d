"""Reading campaigns."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from marketing.models import Campaign
from shared.errors import NotFound


def campaigns() -> QuerySet[Campaign]:
    """The tenant's campaigns."""
    return Campaign.objects.all()


def get_campaign(campaign_id: uuid.UUID, *, lock: bool = False) -> Campaign:
    """The campaign, or raises NotFound; ``lock`` holds its row until the unit ends."""
    rows = Campaign.objects.select_for_update() if lock else Campaign.objects
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None:
        raise NotFound("There is no such campaign: list /api/marketing/campaigns for those you have.")
    return campaign
