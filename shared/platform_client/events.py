"""What the platform tells the apps, and what they tell it: the contract of both, as the protocol of asking is."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from pydantic import Field

from shared.events.declaring import Event, event


@event("platform.customer.changed", aggregate="platform.customer", publisher="platform")
class CustomerChanged(Event):
    """A golden customer is new, or says something else than before; published by a trigger, whatever wrote."""

    customer_id: uuid.UUID
    email: str
    name: str
    account_tier: str
    preferred_language: str
    company_id: uuid.UUID | None
    company_name: str
    is_new: bool


@event("platform.customer.deleted", aggregate="platform.customer", publisher="platform")
class CustomerDeleted(Event):
    """A golden customer was deleted; ``platform.customer.changed`` follows if they come back."""

    customer_id: uuid.UUID


@event("platform.company.renamed", aggregate="platform.company", publisher="platform")
class CompanyRenamed(Event):
    """A golden company has another name."""

    company_id: uuid.UUID
    name: str


@event("customer.interaction.created", aggregate="customer.interaction")
class InteractionCreated(Event):
    """A customer did something in an app: the platform counts it, and computes what is known of them anew.

    ``source_id`` identifies what it was, in the app; of one ``interaction_type`` it counts once.
    """

    source_id: uuid.UUID
    customer_id: uuid.UUID
    interaction_type: str = Field(max_length=32)
    channel: str = Field(default="", max_length=32)
    timestamp: dt.datetime
    amount: Decimal | None = None
    currency: str = ""
    metadata: dict[str, Any] = Field(default_factory=dict)
