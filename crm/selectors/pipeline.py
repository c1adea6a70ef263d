"""Reading pipelines and stages."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from crm.models import Pipeline, PipelineStage
from shared.errors import NotFound


def pipelines() -> QuerySet[Pipeline]:
    """The tenant's pipelines."""
    return Pipeline.objects.all()


def get_pipeline(pipeline_id: uuid.UUID) -> Pipeline:
    """The pipeline, or raises NotFound."""
    pipeline = find_pipeline(pipeline_id)
    if pipeline is None:
        raise NotFound("There is no such pipeline: list /api/crm/pipelines for those you have.")
    return pipeline


def find_pipeline(pipeline_id: uuid.UUID) -> Pipeline | None:
    """The pipeline, or None."""
    return Pipeline.objects.filter(pk=pipeline_id).first()


def find_default_pipeline() -> Pipeline | None:
    """The pipeline that deals start in when none is named: the one marked so, or the only one there is."""
    marked = Pipeline.objects.filter(is_default=True).first()
    if marked is not None:
        return marked
    few = list(Pipeline.objects.order_by("created_at")[:2])
    return few[0] if len(few) == 1 else None


def stages() -> QuerySet[PipelineStage]:
    """The stages of all pipelines."""
    return PipelineStage.objects.all()


def stages_of_pipeline(pipeline_id: uuid.UUID) -> QuerySet[PipelineStage]:
    """The stages of a pipeline in their order."""
    return PipelineStage.objects.filter(pipeline_id=pipeline_id).order_by("position", "id")


def find_stage(stage_id: uuid.UUID) -> PipelineStage | None:
    """The stage, or None."""
    return PipelineStage.objects.filter(pk=stage_id).first()
