"""Agents, as answered and as sent."""

from __future__ import annotations

from rest_framework import serializers

from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer
from support.models import Agent


class AgentSerializer(ReadSerializer):
    name = serializers.CharField(source="profile.name")
    email = serializers.EmailField(source="profile.email")

    class Meta:
        model = Agent
        fields = (
            *RECORD_FIELDS,
            "profile_id",
            "name",
            "email",
            "presence",
            "skills",
            "languages",
            "capacity",
        )


class AgentUpdateSerializer(WriteSerializer):
    class Meta:
        model = Agent
        fields: tuple[str, ...] = ("presence", "skills", "languages", "capacity", "custom_fields")


class AgentCreateSerializer(AgentUpdateSerializer):
    class Meta(AgentUpdateSerializer.Meta):
        fields = ("profile_id", *AgentUpdateSerializer.Meta.fields)
