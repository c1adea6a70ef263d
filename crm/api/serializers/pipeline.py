"""Pipelines and stages, as answered and as sent."""

from __future__ import annotations

from crm.models import Pipeline, PipelineStage
from shared.api.serializers import RECORD_FIELDS, ReadSerializer, WriteSerializer

STAGE_VALUES = (
    "name",
    "position",
    "type",
    "probability",
    "required_fields",
    "maximum_age_days",
    "custom_fields",
)


class StageSerializer(ReadSerializer):
    class Meta:
        model = PipelineStage
        fields = (*RECORD_FIELDS, "pipeline_id", *(n for n in STAGE_VALUES if n != "custom_fields"))


class StageOfPipelineSerializer(WriteSerializer):
    """A stage inside the body of a new pipeline; its position is its place in the list."""

    class Meta:
        model = PipelineStage
        fields = tuple(name for name in STAGE_VALUES if name != "position")


class StageCreateSerializer(WriteSerializer):
    class Meta:
        model = PipelineStage
        fields = ("pipeline_id", *STAGE_VALUES)


class StageUpdateSerializer(WriteSerializer):
    class Meta:
        model = PipelineStage
        fields = STAGE_VALUES


class PipelineSerializer(ReadSerializer):
    class Meta:
        model = Pipeline
        fields = (*RECORD_FIELDS, "name", "description", "is_default")


class PipelineUpdateSerializer(WriteSerializer):
    class Meta:
        model = Pipeline
        fields = ("name", "description", "is_default", "custom_fields")


class PipelineCreateSerializer(WriteSerializer):
    stages = StageOfPipelineSerializer(  # type: ignore[call-arg]  # those of the list that many=True makes
        many=True,
        required=False,
        min_length=1,
        max_length=50,
        help_text="From left to right; the usual six when left out.",
    )

    class Meta:
        model = Pipeline
        fields = ("name", "description", "is_default", "stages", "custom_fields")
