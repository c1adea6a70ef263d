"""/api/marketing/campaigns"""

from __future__ import annotations

from typing import Any

from marketing.api.filters import CampaignFilter
from marketing.api.serializers.campaign import (
    CampaignSerializer,
    CampaignStatusSerializer,
    CampaignWriteSerializer,
)
from marketing.api.serializers.owner import OwnerSerializer
from marketing.api.serializers.segment import SegmentSerializer
from marketing.models import Campaign
from marketing.selectors.campaign import campaigns
from marketing.services.campaign import (
    change_campaign_status,
    create_campaign,
    delete_campaign,
    update_campaign,
)
from shared.api.actions import record_act
from shared.api.reading import Expand
from shared.api.viewsets import RecordViewSet


class CampaignViewSet(RecordViewSet):
    """Messages to a segment. A campaign changes its status by ``/status`` alone."""

    serializer_class = CampaignSerializer
    create_serializer = CampaignWriteSerializer
    selector = campaigns
    create_service = create_campaign
    update_service = update_campaign
    delete_service = delete_campaign
    filterset_class = CampaignFilter
    expandable = {"segment": Expand(SegmentSerializer), "owner": Expand(OwnerSerializer)}

    @record_act(CampaignStatusSerializer, url_path="status")
    def change_status(self, campaign: Campaign, **fields: Any) -> None:
        """Take the campaign to another status; a 409 names those that are possible now."""
        change_campaign_status(campaign_id=campaign.pk, **fields)
