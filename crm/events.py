"""What sales tell the other domains."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from shared.events import Event, event


@event("crm.deal.won", aggregate="crm.deal")
class DealWon(Event):
    """A deal was closed as won."""

    deal_id: uuid.UUID
    customer_id: uuid.UUID | None
    name: str
    amount: Decimal | None
    currency: str
    owner_id: uuid.UUID | None
    closed_at: dt.datetime


@event("crm.deal.lost", aggregate="crm.deal")
class DealLost(Event):
    """A deal was closed as lost."""

    deal_id: uuid.UUID
    customer_id: uuid.UUID | None
    name: str
    amount: Decimal | None
    currency: str
    loss_reason: str
    closed_at: dt.datetime
