"""What the platform does about the apps' events."""

from __future__ import annotations

from collections.abc import Sequence

from platform_core.services.customer import raise_tier
from platform_core.services.customer_record import keep_customer_records
from platform_core.services.interaction import record_interactions
from shared.events import Delivered, RecordChanged, on, on_many
from shared.events.declaring import declared_events


@on_many("customer.interaction.created")
def count_interactions(events: Sequence[Delivered]) -> None:
    """What customers did in the apps counts in their profiles."""
    record_interactions([(event.publisher, event.data) for event in events])


@on("crm.deal.won")
def reward_buyer(event: Delivered) -> None:
    """Who bought is premium from then on."""
    if event.data.customer_id is not None:
        raise_tier(customer_id=event.data.customer_id)


# Whatever an app tells of its records is shown beside the customer, if its event says how.
on_many(
    *(
        cls.event_name
        for cls in declared_events()
        if issubclass(cls, RecordChanged) and cls.customer_record is not RecordChanged.customer_record
    ),
    to="platform.timeline",
)(keep_customer_records)
