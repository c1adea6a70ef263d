"""Setting up pipelines and their stages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TypedDict, Unpack

from crm.choices import RequiredField, StageType
from crm.models import Deal, Pipeline, PipelineStage
from crm.selectors.pipeline import stages_of_pipeline
from shared.errors import Conflict, InvalidInput
from shared.records.saving import save_checked

CERTAIN = {StageType.WON: 100, StageType.LOST: 0}
"""The probability that a closing stage has by its nature."""


class StageValues(TypedDict, total=False):
    name: str
    position: int
    type: str
    probability: int
    required_fields: list[str]
    maximum_age_days: int | None
    custom_fields: dict[str, object]


class PipelineChanges(TypedDict, total=False):
    name: str
    description: str
    is_default: bool
    custom_fields: dict[str, object]


DEFAULT_STAGES: tuple[StageValues, ...] = (
    {"name": "Qualification", "probability": 10, "maximum_age_days": 30},
    {"name": "Needs analysis", "probability": 25, "maximum_age_days": 30},
    {
        "name": "Proposal",
        "probability": 50,
        "required_fields": [RequiredField.AMOUNT],
        "maximum_age_days": 30,
    },
    {
        "name": "Negotiation",
        "probability": 75,
        "required_fields": [RequiredField.AMOUNT, RequiredField.EXPECTED_CLOSE],
        "maximum_age_days": 30,
    },
    {"name": "Won", "type": StageType.WON, "required_fields": [RequiredField.AMOUNT]},
    {"name": "Lost", "type": StageType.LOST},
)


def create_pipeline(
    *,
    name: str,
    description: str = "",
    is_default: bool = False,
    custom_fields: dict[str, object] | None = None,
    stages: Sequence[StageValues] | None = None,
) -> Pipeline:
    """Create a pipeline with its stages, the usual six when none are given. The first one is the default."""
    stages = DEFAULT_STAGES if stages is None else stages
    if not any(stage.get("type", StageType.OPEN) == StageType.OPEN for stage in stages):
        raise InvalidInput({"stages": "A pipeline needs at least one open stage, where deals begin."})
    if is_default:
        _unset_default()
    elif not Pipeline.objects.filter(is_default=True).exists():
        is_default = True
    pipeline = save_checked(
        Pipeline(name=name, description=description, is_default=is_default, custom_fields=custom_fields or {})
    )
    for position, stage in enumerate(stages):
        values: StageValues = {"position": position, **stage}
        add_stage(pipeline_id=pipeline.pk, **values)
    return pipeline


def update_pipeline(*, pipeline: Pipeline, **changes: Unpack[PipelineChanges]) -> Pipeline:
    """Change a pipeline. Making it the default takes that from the one that was."""
    if changes.get("is_default") and not pipeline.is_default:
        _unset_default()
    elif changes.get("is_default") is False and pipeline.is_default:
        raise Conflict("This is the default pipeline: make another one the default instead.")
    return save_checked(pipeline, changes)


def delete_pipeline(*, pipeline: Pipeline) -> None:
    """Hide a pipeline with its stages; refused while it has deals."""
    if Deal.objects.filter(pipeline=pipeline).exists():
        raise Conflict("The pipeline has deals: delete them or move them to another pipeline first.")
    pipeline.soft_delete()


def add_stage(*, pipeline_id: uuid.UUID, **values: Unpack[StageValues]) -> PipelineStage:
    """Add a stage to a pipeline, at its end unless a position is given."""
    if "position" not in values:
        last = stages_of_pipeline(pipeline_id).last()
        values["position"] = 0 if last is None else last.position + 1
    stage_type = values.get("type", StageType.OPEN)
    if stage_type in CERTAIN:
        values.setdefault("probability", CERTAIN[StageType(stage_type)])
    _check_probability(stage_type, values.get("probability", 0))
    return save_checked(PipelineStage(pipeline_id=pipeline_id, **values))


def update_stage(*, pipeline_stage: PipelineStage, **changes: Unpack[StageValues]) -> PipelineStage:
    """Change a stage. Its type stays while deals are in it, since their state follows it."""
    stage = pipeline_stage
    if changes.get("type", stage.type) != stage.type:
        _refuse_while_used(stage, "change its type")
        _keep_an_open_stage(stage)
        if changes["type"] in CERTAIN:
            changes.setdefault("probability", CERTAIN[StageType(changes["type"])])
    _check_probability(changes.get("type", stage.type), changes.get("probability", stage.probability))
    return save_checked(stage, changes)


def delete_stage(*, pipeline_stage: PipelineStage) -> None:
    """Hide a stage; refused while deals are in it and for the pipeline's last open one."""
    _refuse_while_used(pipeline_stage, "delete it")
    _keep_an_open_stage(pipeline_stage)
    pipeline_stage.soft_delete()


def _unset_default() -> None:
    Pipeline.objects.filter(is_default=True).update(is_default=False)


def _check_probability(stage_type: str, probability: int) -> None:
    certain = CERTAIN.get(StageType(stage_type)) if stage_type in CERTAIN else None
    if certain is not None and probability != certain:
        raise InvalidInput(
            {"probability": f"A stage of type {stage_type} has the probability {certain}: leave it out."}
        )


def _refuse_while_used(stage: PipelineStage, act: str) -> None:
    if Deal.objects.filter(stage=stage).exists():
        raise Conflict(f"Deals are in the stage {stage.name}: move them to another before you {act}.")


def _keep_an_open_stage(stage: PipelineStage) -> None:
    others = PipelineStage.objects.filter(pipeline_id=stage.pipeline_id, type=StageType.OPEN)
    if stage.type == StageType.OPEN and not others.exclude(pk=stage.pk).exists():
        raise Conflict("This is the only open stage of its pipeline: add another one first.")
