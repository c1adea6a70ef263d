"""/api/crm/pipelines and /api/crm/stages"""

from __future__ import annotations

from crm.api.filters import PipelineFilter, StageFilter
from crm.api.serializers.pipeline import (
    PipelineCreateSerializer,
    PipelineSerializer,
    PipelineUpdateSerializer,
    StageCreateSerializer,
    StageSerializer,
    StageUpdateSerializer,
)
from crm.selectors.pipeline import pipelines, stages
from crm.services.pipeline import (
    add_stage,
    create_pipeline,
    delete_pipeline,
    delete_stage,
    update_pipeline,
    update_stage,
)
from shared.api.reading import Expand
from shared.api.viewsets import RecordViewSet


class PipelineViewSet(RecordViewSet):
    """Ways of selling, each an ordered set of stages."""

    serializer_class = PipelineSerializer
    create_serializer = PipelineCreateSerializer
    update_serializer = PipelineUpdateSerializer
    selector = pipelines
    create_service = create_pipeline
    update_service = update_pipeline
    delete_service = delete_pipeline
    filterset_class = PipelineFilter
    expandable = {"stages": Expand(StageSerializer, many=True, order_by=("position", "id"))}


class StageViewSet(RecordViewSet):
    """The steps of pipelines, and what a deal needs to enter them."""

    serializer_class = StageSerializer
    create_serializer = StageCreateSerializer
    update_serializer = StageUpdateSerializer
    selector = stages
    create_service = add_stage
    update_service = update_stage
    delete_service = delete_stage
    filterset_class = StageFilter
    expandable = {"pipeline": Expand(PipelineSerializer)}
