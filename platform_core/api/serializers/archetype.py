"""Archetypes, as answered and as sent."""

from __future__ import annotations

from platform_core.models import ArchetypeDefinition, ArchetypeL1, ArchetypeL2, ArchetypeL3
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer

_LEVEL = ("code", "name", "description")
_DEFINITION = (*_LEVEL, "l1_id", "l2_id", "l3_id", "criteria", "guidance", "is_active")


class ArchetypeL1Serializer(ReadSerializer):
    class Meta:
        model = ArchetypeL1
        fields = (*RECORD_FIELDS, *_LEVEL)


class ArchetypeL2Serializer(ReadSerializer):
    class Meta:
        model = ArchetypeL2
        fields = (*RECORD_FIELDS, *_LEVEL, "parent_id")


class ArchetypeL3Serializer(ReadSerializer):
    class Meta:
        model = ArchetypeL3
        fields = (*RECORD_FIELDS, *_LEVEL, "parent_id")


class ArchetypeDefinitionSerializer(ReadSerializer):
    class Meta:
        model = ArchetypeDefinition
        fields = (*RECORD_FIELDS, *_DEFINITION)


class ArchetypeDefinitionWriteSerializer(WriteSerializer):
    class Meta:
        model = ArchetypeDefinition
        fields = (*_DEFINITION, "custom_fields")
