"""What the platform does about the apps' events."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.services.customer import raise_tier
from platform_core.services.interaction import record_interactions
from shared.events import Delivered, on, on_many


@on_many("customer.interaction.created")
def count_interactions(events: Sequence[Delivered]) -> None:
    """What customers did in the apps counts in their profiles."""
    record_interactions([(event.publisher, event.data) for event in events])


@on("crm.deal.won")
def reward_buyer(event: Delivered) -> None:
    """Who bought is premium from then on."""
    if event.data.customer_id is not None:
        raise_tier(customer_id=event.data.customer_id)
