"""/api/platform/archetypes and the levels of their hierarchy"""

from __future__ import annotations

from platform_core.api.filters import ArchetypeDefinitionFilter, ArchetypeL2Filter, ArchetypeL3Filter
from platform_core.api.serializers.archetype import (
    ArchetypeDefinitionSerializer,
    ArchetypeDefinitionWriteSerializer,
    ArchetypeL1Serializer,
    ArchetypeL2Serializer,
    ArchetypeL3Serializer,
)
from platform_core.services.archetype import define_archetype, delete_archetype, update_archetype
from shared.api.reading import Expand
from shared.api.viewsets import RecordViewSet


class ArchetypeViewSet(RecordViewSet):
    """What makes an archetype, and how to treat who is one."""

    serializer_class = ArchetypeDefinitionSerializer
    create_serializer = update_serializer = ArchetypeDefinitionWriteSerializer
    create_service = define_archetype
    update_service = update_archetype
    delete_service = delete_archetype
    filterset_class = ArchetypeDefinitionFilter
    expandable = {
        "l1": Expand(ArchetypeL1Serializer),
        "l2": Expand(ArchetypeL2Serializer),
        "l3": Expand(ArchetypeL3Serializer),
    }


class ArchetypeL1ViewSet(RecordViewSet):
    """The coarsest level of the hierarchy."""

    serializer_class = ArchetypeL1Serializer


class ArchetypeL2ViewSet(RecordViewSet):
    """Kinds within level 1."""

    serializer_class = ArchetypeL2Serializer
    filterset_class = ArchetypeL2Filter
    expandable = {"parent": Expand(ArchetypeL1Serializer)}


class ArchetypeL3ViewSet(RecordViewSet):
    """Kinds within level 2."""

    serializer_class = ArchetypeL3Serializer
    filterset_class = ArchetypeL3Filter
    expandable = {"parent": Expand(ArchetypeL2Serializer)}
