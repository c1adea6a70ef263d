"""Making people agents, and what they can do."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from shared.errors import InvalidInput
from shared.records.saving import save_checked
from shared.tenancy.models import UserProfile
from support.choices import Presence
from support.models import Agent


class AgentChanges(TypedDict, total=False):
    presence: str
    skills: list[str]
    languages: list[str]
    capacity: dict[str, int]
    custom_fields: dict[str, object]


def create_agent(
    *,
    profile_id: uuid.UUID,
    presence: str = Presence.OFFLINE,
    skills: list[str] | None = None,
    languages: list[str] | None = None,
    capacity: dict[str, int] | None = None,
    custom_fields: dict[str, object] | None = None,
) -> Agent:
    """Make a person of the organization an agent."""
    if not UserProfile.objects.filter(pk=profile_id).exists():
        raise InvalidInput(
            {"profile_id": "There is no such person in your organization."}, code="does_not_exist"
        )
    return save_checked(
        Agent(
            profile_id=profile_id,
            presence=presence,
            skills=skills or [],
            languages=languages or [],
            capacity=capacity or {},
            custom_fields=custom_fields or {},
        )
    )


def update_agent(*, agent: Agent, **changes: Unpack[AgentChanges]) -> Agent:
    """Change what an agent can do, or whether they are there."""
    return save_checked(agent, changes)


def delete_agent(*, agent: Agent) -> None:
    """Hide an agent; the tickets that they had keep saying so."""
    agent.soft_delete()
