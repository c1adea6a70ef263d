"""Rows of CRM for tests; call inside a unit of the domain crm."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crm.choices import ActivityType, StageType
from crm.models import Activity, Contact, CustomerReference, Deal, DealStageHistory, Pipeline, PipelineStage
from crm.services.activity import log_activity
from crm.services.contact import create_contact
from crm.services.customer_reference import sync_customer_reference
from crm.services.deal import open_deal
from crm.services.pipeline import create_pipeline
from shared.platform_client import CustomerSummary
from shared.records import uuid7


def summary(**fields: Any) -> CustomerSummary:
    """A customer as the platform would tell of them."""
    identifier = fields.pop("id", None) or uuid7()
    values: dict[str, Any] = {
        "id": identifier,
        "email": f"ada-{identifier.hex[-8:]}@example.com",
        "name": "Ada Lovelace",
        "phone": "",
        "account_tier": "standard",
        "preferred_language": "en",
        "timezone": "UTC",
        "company_id": uuid7(),
        "company_name": "Analytical Engines",
    }
    return CustomerSummary(**{**values, **fields})


def make_reference(**fields: Any) -> CustomerReference:
    return sync_customer_reference(customer=summary(**fields))


def make_pipeline(name: str = "", **fields: Any) -> Pipeline:
    return create_pipeline(name=name or f"Sales {uuid7().hex[-8:]}", **fields)


def stage_named(pipeline: Pipeline, name: str) -> PipelineStage:
    return PipelineStage.objects.get(pipeline=pipeline, name=name)


def make_deal(pipeline: Pipeline | None = None, **fields: Any) -> Deal:
    pipeline = pipeline or make_pipeline()
    values: dict[str, Any] = {"name": "Ten looms", "amount": Decimal("1200.00"), "currency": "EUR"}
    return open_deal(pipeline_id=pipeline.pk, **{**values, **fields})


def make_contact(**fields: Any) -> Contact:
    return create_contact(customer=fields.pop("customer", None) or make_reference(), **fields)


def make_activity(**fields: Any) -> Activity:
    values: dict[str, Any] = {"type": ActivityType.NOTE, "description": "Met at the fair."}
    return log_activity(**{**values, **fields})


def make_stage(**fields: Any) -> PipelineStage:
    return make_pipeline().stages.filter(type=StageType.OPEN).order_by("position")[0]


def make_stay() -> DealStageHistory:
    return DealStageHistory.objects.get(deal=make_deal())
