"""Reading agents, and the people behind them."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from shared.session import current
from shared.tenancy.models import UserProfile
from support.models import Agent


def agents() -> QuerySet[Agent]:
    """The tenant's agents."""
    return Agent.objects.all()


def find_agent(agent_id: uuid.UUID) -> Agent | None:
    """The agent, or None."""
    return Agent.objects.filter(pk=agent_id).first()


def find_profile_of_actor() -> UserProfile | None:
    """The profile of the member of staff who acts, or None where a key or the system does."""
    facts = current()
    if facts is None or facts.actor.kind != "user":
        return None
    return UserProfile.objects.filter(user_id=facts.actor.id).first()
