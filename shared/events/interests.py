"""Interests: which events a subscriber *by interest* is given, tenant by tenant.

Workflows and webhooks may be about any event, and are about few. The relay gives them those that a tenant has asked for and
spares the database all others.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.events.handling import subscribers
from shared.events.models import EventInterest
from shared.session.facts import OutsideUnitError, current

EVERYTHING = "*"
"""The name that stands for all events."""


def set_interests(*, subscriber: str, names: Iterable[str]) -> None:
    """Give the subscriber these events of the unit's tenant from now on, and no others; ``EVERYTHING`` stands for all.

    What is published after the commit counts. Raises OutsideUnitError without a tenant, ValueError for a subscriber that is
    not given events by interest.
    """
    facts = current()
    if facts is None or facts.organization is None:
        raise OutsideUnitError(
            "Interests are a tenant's: set them inside `with acting(domain=…, organization=…):`."
        )
    if subscriber not in {taker.name for taker in subscribers() if taker.by_interest}:
        raise ValueError(f"{subscriber} is not given events by interest.")
    wanted = set(names)
    kept = EventInterest.objects.filter(organization_id=facts.organization, subscriber=subscriber)
    kept.exclude(name__in=wanted).delete()
    EventInterest.objects.bulk_create(
        [
            EventInterest(organization_id=facts.organization, subscriber=subscriber, name=name)
            for name in sorted(wanted)
        ],
        ignore_conflicts=True,
    )


def interests_of(subscriber: str) -> set[str]:
    """The names of the events that the subscriber is given of the unit's tenant."""
    return set(EventInterest.objects.filter(subscriber=subscriber).values_list("name", flat=True))
