"""Opening, changing and moving deals."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.utils import timezone

from crm.choices import ActivityType, DealStatus, RequiredField, StageType
from crm.events import DealLost, DealWon
from crm.models import CustomerReference, Deal, DealStageHistory, PipelineStage
from crm.selectors.deal import get_deal
from crm.selectors.pipeline import find_default_pipeline, find_pipeline, find_stage, stages_of_pipeline
from crm.services.activity import record_activity
from shared.errors import Conflict, InvalidInput
from shared.events import publish
from shared.records.saving import save_checked
from shared.session import current

OUTCOMES = {StageType.WON: ActivityType.DEAL_WON, StageType.LOST: ActivityType.DEAL_LOST}


class DealChanges(TypedDict, total=False):
    name: str
    customer: CustomerReference | None
    company_name: str
    amount: Decimal | None
    currency: str
    owner_id: uuid.UUID | None
    expected_close: dt.date | None
    custom_fields: dict[str, object]


def open_deal(
    *, pipeline_id: uuid.UUID | None = None, stage_id: uuid.UUID | None = None, **values: Unpack[DealChanges]
) -> Deal:
    """Open a deal in a stage: if not said, the first open one of the default pipeline."""
    stage = _first_stage(pipeline_id, stage_id)
    deal = Deal(pipeline_id=stage.pipeline_id, stage=stage, **values)
    if deal.customer is not None:
        deal.company_id = deal.customer.company_id
        deal.company_name = deal.company_name or deal.customer.company_name
    missing = [name for name in stage.required_fields if not _holds(deal, name)]
    if missing:
        raise InvalidInput(_asked_by(stage, missing))
    save_checked(deal)
    _begin_stay(deal)
    return deal


def update_deal(*, deal: Deal, **changes: Unpack[DealChanges]) -> Deal:
    """Change what a deal is about. What its stage requires cannot be emptied."""
    values: dict[str, Any] = dict(changes)
    if "customer" in changes:
        customer = changes["customer"]
        values["company_id"] = None if customer is None else customer.company_id
        if customer is not None and customer.pk != deal.customer_id:
            values.setdefault("company_name", customer.company_name)
    given = {name.removesuffix("_id") for name, value in values.items() if value in (None, "")}
    emptied = [name for name in deal.stage.required_fields if name in given and _holds(deal, name)]
    if emptied:
        raise InvalidInput(_asked_by(deal.stage, emptied))
    return save_checked(deal, values)


def move_deal(*, deal_id: uuid.UUID, stage_id: uuid.UUID, loss_reason: str = "") -> Deal:
    """Move a deal to another stage of its pipeline; a won or lost stage closes it, an open one reopens it.

    Raises Conflict when the deal lacks what the stage requires, or when a closed deal would change its
    outcome without being reopened; InvalidInput for a foreign stage or a loss without a reason.
    """
    deal = get_deal(deal_id, lock=True)
    stage = _stage_of_pipeline(deal.pipeline_id, stage_id)
    if stage.pk == deal.stage_id:
        return deal
    _refuse_new_outcome(deal, stage)
    missing = [name for name in stage.required_fields if not _holds(deal, name)]
    if missing:
        raise Conflict(
            f"The stage {stage.name} asks for more than the deal has: fill in {', '.join(missing)} first.",
            errors=_asked_by(stage, missing),
        )
    loss_reason = loss_reason.strip()
    if stage.type == StageType.LOST and not loss_reason:
        raise InvalidInput({"loss_reason": "Say why the deal was lost."})
    now = max(timezone.now(), deal.stage_entered_at)  # clocks of two servers may differ
    DealStageHistory.objects.filter(deal=deal, left_at__isnull=True).update(left_at=now)
    save_checked(
        deal,
        {
            "stage": stage,
            "status": DealStatus(stage.type),
            "stage_entered_at": now,
            "closed_at": None if stage.type == StageType.OPEN else now,
            "loss_reason": loss_reason if stage.type == StageType.LOST else "",
        },
    )
    _begin_stay(deal)
    if stage.type in OUTCOMES:
        _record_outcome(deal, OUTCOMES[StageType(stage.type)])
        _publish_outcome(deal)
    return deal


def delete_deal(*, deal: Deal) -> None:
    """Hide a deal with its activities and its history of stages."""
    deal.soft_delete()


def _first_stage(pipeline_id: uuid.UUID | None, stage_id: uuid.UUID | None) -> PipelineStage:
    if stage_id is not None:
        stage = find_stage(stage_id)
        if stage is None or (pipeline_id is not None and stage.pipeline_id != pipeline_id):
            raise InvalidInput(
                {"stage_id": "There is no such stage in the pipeline: choose one of its stages."}
            )
    else:
        pipeline = find_default_pipeline() if pipeline_id is None else find_pipeline(pipeline_id)
        if pipeline is None:
            raise InvalidInput(
                {"pipeline_id": "Name a pipeline: none is the default one, or it is not there."}
            )
        stage = stages_of_pipeline(pipeline.pk).filter(type=StageType.OPEN).first()
        if stage is None:
            raise Conflict(f"The pipeline {pipeline.name} has no open stage: add one first.")
    if stage.type != StageType.OPEN:
        raise InvalidInput(
            {"stage_id": "A deal begins in an open stage: choose one, then move it to its outcome."}
        )
    return stage


def _stage_of_pipeline(pipeline_id: uuid.UUID, stage_id: uuid.UUID) -> PipelineStage:
    stages = list(stages_of_pipeline(pipeline_id))
    for stage in stages:
        if stage.pk == stage_id:
            return stage
    raise InvalidInput(
        {"stage_id": f"The deal's pipeline has no such stage: choose {_names(stages)}."},
        allowed=[str(stage.pk) for stage in stages],
    )


def _refuse_new_outcome(deal: Deal, stage: PipelineStage) -> None:
    if deal.status == DealStatus.OPEN or stage.type == StageType.OPEN:
        return
    reopening = list(stages_of_pipeline(deal.pipeline_id).filter(type=StageType.OPEN))
    raise Conflict(
        f"The deal is {deal.status} already: reopen it first by moving it to {_names(reopening)}.",
        allowed=[str(stage.pk) for stage in reopening],
    )


def _names(stages: Iterable[PipelineStage]) -> str:
    return " or ".join(stage.name for stage in stages)


def _holds(deal: Deal, name: str) -> bool:
    """Whether the deal has a value in a field that a stage may require."""
    attribute = f"{name}_id" if name in (RequiredField.CUSTOMER, RequiredField.OWNER) else name
    return getattr(deal, attribute) not in (None, "")


def _asked_by(stage: PipelineStage, names: Iterable[str]) -> dict[str, str]:
    """Errors by the name that the field has in a request."""
    return {
        f"{name}_id" if name in (RequiredField.CUSTOMER, RequiredField.OWNER) else name: (
            f"The stage {stage.name} requires the {RequiredField(name).label.lower()}."
        )
        for name in names
    }


def _begin_stay(deal: Deal) -> None:
    facts = current()
    DealStageHistory(
        deal=deal,
        stage_id=deal.stage_id,
        entered_at=deal.stage_entered_at,
        moved_by=facts.actor.name[:200] if facts else "",
    ).save(force_insert=True)


def _record_outcome(deal: Deal, outcome: ActivityType) -> None:
    metadata: dict[str, object] = {
        "amount": None if deal.amount is None else str(deal.amount),
        "currency": deal.currency,
    }
    if deal.loss_reason:
        metadata["loss_reason"] = deal.loss_reason
    record_activity(
        type=outcome,
        description=f"{outcome.label}: {deal.name}",
        metadata=metadata,
        deal_id=deal.pk,
        customer=deal.customer,
        owner_id=deal.owner_id,
    )


def _publish_outcome(deal: Deal) -> None:
    said: dict[str, Any] = {
        "deal_id": deal.pk,
        "customer_id": deal.customer_id,
        "name": deal.name,
        "amount": deal.amount,
        "currency": deal.currency,
        "closed_at": deal.closed_at,
    }
    if deal.status == DealStatus.WON:
        publish(DealWon(**said, owner_id=deal.owner_id))
    else:
        publish(DealLost(**said, loss_reason=deal.loss_reason))
