"""/api/crm/deals"""

from __future__ import annotations

from typing import Any

from crm.api.customers import CustomerNamingViewSet
from crm.api.filters import DealFilter
from crm.api.serializers.activity import ActivitySerializer
from crm.api.serializers.customer_reference import CustomerReferenceSerializer
from crm.api.serializers.deal import (
    DealCreateSerializer,
    DealMoveSerializer,
    DealSerializer,
    DealUpdateSerializer,
    StayInStageSerializer,
)
from crm.api.serializers.owner import OwnerSerializer
from crm.api.serializers.pipeline import PipelineSerializer, StageSerializer
from crm.models import Deal
from crm.selectors.deal import deals
from crm.services.deal import delete_deal, move_deal, open_deal, update_deal
from shared.api.actions import record_act
from shared.api.reading import Expand


class DealViewSet(CustomerNamingViewSet):
    """Sales in progress and their outcomes. A deal changes its stage by ``/move`` alone."""

    serializer_class = DealSerializer
    create_serializer = DealCreateSerializer
    update_serializer = DealUpdateSerializer
    selector = deals
    create_service = open_deal
    update_service = update_deal
    delete_service = delete_deal
    filterset_class = DealFilter
    orderings = ("-amount", "amount", "expected_close", "-expected_close")
    expandable = {
        "pipeline": Expand(PipelineSerializer),
        "stage": Expand(StageSerializer),
        "customer": Expand(CustomerReferenceSerializer),
        "owner": Expand(OwnerSerializer),
        "stage_history": Expand(StayInStageSerializer, many=True, order_by=("entered_at", "id")),
        "activities": Expand(ActivitySerializer, many=True, order_by=("-created_at", "-id")),
    }

    @record_act(DealMoveSerializer)
    def move(self, deal: Deal, **fields: Any) -> None:
        """Move the deal to another stage of its pipeline; a won or lost stage closes it."""
        move_deal(deal_id=deal.pk, **fields)
