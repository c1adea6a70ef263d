"""Reading deals."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from crm.models import Deal, DealStageHistory
from shared.errors import NotFound


def deals() -> QuerySet[Deal]:
    """The tenant's deals."""
    return Deal.objects.all()


def get_deal(deal_id: uuid.UUID, *, lock: bool = False) -> Deal:
    """The deal, or raises NotFound; ``lock`` holds its row until the unit ends."""
    rows = Deal.objects.select_for_update() if lock else Deal.objects
    deal = rows.filter(pk=deal_id).first()
    if deal is None:
        raise NotFound("There is no such deal: list /api/crm/deals for those you have.")
    return deal


def find_deal(deal_id: uuid.UUID) -> Deal | None:
    """The deal, or None."""
    return Deal.objects.filter(pk=deal_id).first()


def stage_history(deal_id: uuid.UUID) -> QuerySet[DealStageHistory]:
    """The deal's stays in stages, first to present."""
    return DealStageHistory.objects.filter(deal_id=deal_id).order_by("entered_at", "id")
