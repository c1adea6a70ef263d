"""What support tells the other domains."""

from __future__ import annotations

import datetime as dt
import uuid

from shared.events import CustomerRecordState, RecordChanged, event


@event("support.ticket.changed", aggregate="support.ticket")
class TicketChanged(RecordChanged):
    """A ticket is new, has changed or is gone; published by its table."""

    number: int
    subject: str
    status: str
    priority: str
    channel: str
    customer_id: uuid.UUID | None
    agent_id: uuid.UUID | None
    created_at: dt.datetime
    resolved_at: dt.datetime | None
    closed_at: dt.datetime | None

    def customer_record(self) -> CustomerRecordState:
        return CustomerRecordState(
            kind="ticket",
            title=f"#{self.number} {self.subject}",
            status=self.status,
            began_at=self.created_at,
            ended_at=self.closed_at or self.resolved_at,
        )
