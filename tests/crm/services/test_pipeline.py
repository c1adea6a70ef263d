"""Setting up pipelines and stages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.choices import StageType
from crm.models import Pipeline, PipelineStage
from crm.services.pipeline import (
    add_stage,
    delete_pipeline,
    delete_stage,
    update_pipeline,
    update_stage,
)
from shared.errors import Conflict, InvalidInput
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.crm.factories import make_deal, make_pipeline, stage_named


@pytest.fixture(autouse=True)
def _acting(tenant: Tenant) -> Iterator[None]:
    with acting(domain="crm", organization=tenant.id):
        yield


def test_a_new_pipeline_has_the_usual_stages_in_order() -> None:
    pipeline = make_pipeline()
    stages = list(pipeline.stages.order_by("position"))
    assert [s.name for s in stages] == [
        "Qualification",
        "Needs analysis",
        "Proposal",
        "Negotiation",
        "Won",
        "Lost",
    ]
    assert [s.type for s in stages[-2:]] == [StageType.WON, StageType.LOST]
    assert [s.probability for s in stages[-2:]] == [100, 0]


def test_a_pipeline_without_an_open_stage_is_refused_and_nothing_is_written() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_pipeline(stages=[{"name": "Won", "type": "won"}])
    assert "stages" in refused.value.errors
    assert not Pipeline.objects.exists()


def test_one_pipeline_is_the_default() -> None:
    first, second = make_pipeline(), make_pipeline()
    assert (first.is_default, second.is_default) == (True, False)
    update_pipeline(pipeline=second, is_default=True)
    first.refresh_from_db()
    assert (first.is_default, second.is_default) == (False, True)
    with pytest.raises(Conflict):
        update_pipeline(pipeline=second, is_default=False)


def test_a_stage_is_added_at_the_end_with_the_certainty_of_its_type() -> None:
    pipeline = make_pipeline()
    stage = add_stage(pipeline_id=pipeline.pk, name="Won by tender", type="won")
    assert stage.position == 6
    assert stage.probability == 100
    with pytest.raises(InvalidInput, match="refused") as refused:
        add_stage(pipeline_id=pipeline.pk, name="Half won", type="won", probability=50)
    assert "probability" in refused.value.errors


def test_stage_with_unknown_required_field_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        add_stage(pipeline_id=make_pipeline().pk, name="Odd", required_fields=["shoe_size"])
    assert "required_fields" in refused.value.errors


def test_stage_and_pipeline_with_deals_stay() -> None:
    pipeline = make_pipeline()
    deal = make_deal(pipeline)
    with pytest.raises(Conflict, match="Qualification"):
        delete_stage(pipeline_stage=deal.stage)
    with pytest.raises(Conflict, match="change its type"):
        update_stage(pipeline_stage=deal.stage, type="won")
    with pytest.raises(Conflict, match="has deals"):
        delete_pipeline(pipeline=pipeline)
    deal.soft_delete()
    delete_pipeline(pipeline=pipeline)
    assert not PipelineStage.objects.filter(pipeline=pipeline).exists()


def test_the_last_open_stage_stays() -> None:
    pipeline = make_pipeline(stages=[{"name": "Open"}, {"name": "Won", "type": "won"}])
    with pytest.raises(Conflict, match="only open stage"):
        delete_stage(pipeline_stage=stage_named(pipeline, "Open"))
    with pytest.raises(Conflict, match="only open stage"):
        update_stage(pipeline_stage=stage_named(pipeline, "Open"), type="lost")
