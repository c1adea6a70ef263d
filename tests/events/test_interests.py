"""Subscribers by interest are given the events that a tenant asks for, and no others."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db.utils import ProgrammingError

from shared.events import on_many
from shared.events.handling import ANY_EVENT, subscriber, unsubscribe
from shared.events.interests import EVERYTHING, interests_of, set_interests
from shared.events.models import EventInterest
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.events.conftest import NOTED, drain_all, relay_all, tell


def test_a_subscriber_by_interest_is_given_what_the_tenant_asks_for(
    tenant: Tenant, worker_login: Callable[[str], Tenant], relaying: Any
) -> None:
    taker = subscriber(f"platform.t{uuid.uuid4().hex[:8]}")
    taker.by_interest = True
    sets: list[list[str]] = []
    on_many(ANY_EVENT, to=taker.name)(lambda events: sets.append([event.name for event in events]))
    other = worker_login("Incurious")

    def told_to_both() -> list[list[str]]:
        sets.clear()
        for each in (tenant, other):
            tell(each, uuid.uuid4(), "one", "two")
        relay_all(relaying)
        drain_all(taker)
        return sets

    try:
        assert told_to_both() == []
        for names in ({NOTED, "support.ticket.closed"}, {EVERYTHING}):
            with acting(domain="platform", organization=tenant.id):
                set_interests(subscriber=taker.name, names=names)
                assert interests_of(taker.name) == names
            assert told_to_both() == [[NOTED, NOTED]]
        with acting(domain="platform", organization=tenant.id):
            set_interests(subscriber=taker.name, names=())
        assert told_to_both() == []
        with (
            acting(domain="platform", organization=tenant.id),
            pytest.raises(ValueError, match="by interest"),
        ):
            set_interests(subscriber="crm", names={NOTED})
        with pytest.raises(ProgrammingError, match="permission denied"):
            with acting(domain="support", organization=tenant.id):
                set_interests(subscriber=taker.name, names={NOTED})
        with acting(domain="platform", organization=other.id):
            EventInterest.objects.create(organization_id=other.id, subscriber=taker.name, name=NOTED)
            assert EventInterest.objects.count() == 1
        with acting(domain="platform", organization=tenant.id):
            assert EventInterest.objects.count() == 0
    finally:
        unsubscribe(taker.name)
