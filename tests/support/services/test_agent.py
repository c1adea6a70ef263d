"""Making people agents."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from shared.errors import InvalidInput
from shared.session import acting
from shared.tenancy.models import Tenant
from support.choices import Presence
from support.models import Agent
from support.services.agent import create_agent, update_agent
from tests.support.factories import make_agent, make_profile


def test_an_agent_is_offline_until_they_come(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        agent = make_agent(capacity={"chat": 3}, languages=["en", "de-CH"])
        assert agent.presence == Presence.OFFLINE
        update_agent(agent=agent, presence=Presence.ONLINE)
        assert Agent.objects.get().presence == Presence.ONLINE


def test_a_person_of_another_tenant_is_unknown(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="support", organization=other_tenant.id):
        stranger = make_profile()
    with acting(domain="support", organization=tenant.id):
        for profile_id in (stranger.pk, uuid.uuid4()):
            with pytest.raises(InvalidInput) as refused:
                create_agent(profile_id=profile_id)
            assert list(refused.value.errors) == ["profile_id"]
        assert Agent.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("presence", "asleep"),
        ("languages", ["not a tag"]),
        ("skills", ["x"] * 51),
        ("capacity", {"pigeon": 1}),
        ("capacity", {"chat": -1}),
        ("capacity", {"chat": True}),
        ("capacity", {"chat": 1.5}),
        ("capacity", [1]),
    ],
    ids=str,
)
def test_bad_values_are_named(tenant: Tenant, field: str, value: Any) -> None:
    with acting(domain="support", organization=tenant.id):
        agent = make_agent()
        with pytest.raises(InvalidInput) as refused:
            update_agent(agent=agent, **{field: value})
        assert list(refused.value.errors) == [field]
