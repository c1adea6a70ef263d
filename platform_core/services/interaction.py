"""Recording what customers did."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone
from psycopg.errors import UniqueViolation

from platform_core.models import Customer, CustomerInteraction
from platform_core.services.profile import refresh_profiles
from shared.errors import Conflict, InvalidInput
from shared.platform_client.cache import forget_customer
from shared.platform_client.events import InteractionCreated
from shared.records.saving import save_checked
from shared.session import current

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


def record_interactions(told: Sequence[tuple[str, InteractionCreated]]) -> int:
    """Record what apps told of, (app, interaction) each; what is recorded already, or of a customer who is gone, is left
    out. The customers' profiles follow. Returns how many were recorded."""
    customers = {interaction.customer_id for _, interaction in told}
    known = set(Customer.objects.filter(pk__in=customers).values_list("pk", flat=True))
    rows = [
        CustomerInteraction(
            customer_id=interaction.customer_id,
            interaction_type=interaction.interaction_type,
            occurred_at=interaction.timestamp,
            channel=interaction.channel,
            amount=interaction.amount,
            currency=interaction.currency,
            source=app,
            external_id=f"{interaction.interaction_type}:{interaction.source_id}",
            metadata=interaction.metadata,
        )
        for app, interaction in told
        if interaction.customer_id in known
    ]
    for row in rows:
        row.adopt_unit()
    CustomerInteraction.objects.bulk_create(rows, ignore_conflicts=True)
    if known:
        refresh_profiles(customer_ids=known)
    facts = current()
    if facts is not None and facts.organization is not None:
        for customer_id in known:
            forget = partial(forget_customer, facts.organization, customer_id)
            transaction.on_commit(forget, using=facts.alias)
    return len(rows)
