"""What sales tell the other domains."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from shared.events import CustomerRecordState, Event, RecordChanged, event


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


@event("crm.deal.changed", aggregate="crm.deal")
class DealChanged(RecordChanged):
    """A deal is new, has changed or is gone; published by its table."""

    name: str
    status: str
    stage_id: uuid.UUID
    customer_id: uuid.UUID | None
    amount: Decimal | None
    currency: str
    owner_id: uuid.UUID | None
    created_at: dt.datetime
    closed_at: dt.datetime | None

    def customer_record(self) -> CustomerRecordState:
        return CustomerRecordState(
            kind="deal",
            title=self.name,
            status=self.status,
            began_at=self.created_at,
            ended_at=self.closed_at,
            amount=self.amount,
            currency=self.currency if self.amount is not None else "",
        )


@event("crm.activity.changed", aggregate="crm.activity")
class ActivityChanged(RecordChanged):
    """An activity is new, has changed or is gone; published by its table."""

    type: str
    description: str
    customer_id: uuid.UUID | None
    occurred_at: dt.datetime
    due_at: dt.datetime | None
    done_at: dt.datetime | None

    def customer_record(self) -> CustomerRecordState:
        status = "" if self.type != "task" else "done" if self.done_at else "open"
        return CustomerRecordState(
            kind=self.type,
            title=self.description[:300],
            status=status,
            began_at=self.occurred_at,
            ended_at=self.done_at,
        )
