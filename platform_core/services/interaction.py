"""Recording what customers did."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from platform_core.models import CustomerInteraction
from shared.errors import Conflict, InvalidInput
from shared.records.saving import save_checked

RECORDED = "This interaction is already recorded: its source has told of it before."


@transaction.atomic
def record_interaction(
    *,
    customer_id: uuid.UUID,
    interaction_type: str,
    occurred_at: dt.datetime | None = None,
    channel: str = "",
    amount: Decimal | None = None,
    currency: str = "",
    source: str = "",
    external_id: str | None = None,
    metadata: dict[str, object] | None = None,
) -> CustomerInteraction:
    """Record an interaction; it can never be changed.

    Raises Conflict for one that is recorded already (same source, external id and time).
    """
    if amount is not None and not currency:
        raise InvalidInput({"currency": "An amount needs its currency, as in EUR."})
    interaction = CustomerInteraction(
        customer_id=customer_id,
        interaction_type=interaction_type,
        occurred_at=occurred_at or timezone.now(),
        channel=channel,
        amount=amount,
        currency=currency,
        source=source,
        external_id=external_id or None,
        metadata=metadata or {},
    )
    try:
        with transaction.atomic():
            return save_checked(interaction)
    except IntegrityError as error:
        # The violated index is a partition's, whose name says nothing to the edges.
        if getattr(error.__cause__, "sqlstate", None) != UniqueViolation.sqlstate:
            raise
        raise Conflict(RECORDED, errors={"external_id": RECORDED}, code="duplicate") from error
