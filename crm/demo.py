"""CRM's part of the demo: a pipeline with deals in several stages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from crm.choices import ActivityType
from crm.models import Pipeline
from crm.services.activity import log_activity
from crm.services.contact import create_contact
from crm.services.customer_reference import sync_customer_reference
from crm.services.deal import move_deal, open_deal
from crm.services.pipeline import create_pipeline
from shared.platform_client import platform_client
from shared.tenancy.models import Tenant

PEOPLE = (
    ("grace@harbour-cafe.example", "Grace Hall", "Coffee machines for three cafés", "18500", "Negotiation"),
    ("omar@northwind.example", "Omar Haddad", "Service contract 2027", "7200", "Proposal"),
    ("lena@weberei.example", "Lena Brandt", "Looms, second hall", "96000", "Won"),
    ("tom@quickprint.example", "Tom Ferris", "Printer pool", "3400", "Lost"),
    ("ines@solar-lago.example", "Inês Duarte", "Roof panels", None, "Qualification"),
)


def seed(tenant: Tenant) -> None:
    """A pipeline, a deal for each of five customers, and what was said and is to be done."""
    if Pipeline.objects.exists():
        return
    pipeline = create_pipeline(name="Sales", description="From the first talk to the signature.")
    stages = {stage.name: stage for stage in pipeline.stages.all()}
    client = platform_client()
    today = timezone.localdate()
    for number, (email, name, title, amount, stage) in enumerate(PEOPLE):
        customer = sync_customer_reference(customer=client.find_or_create_customer(email=email, name=name))
        if customer.company_id is not None:
            create_contact(customer=customer, is_primary=True)
        deal = open_deal(
            name=title,
            pipeline_id=pipeline.pk,
            customer=customer,
            amount=None if amount is None else Decimal(amount),
            currency="EUR",
            expected_close=today + dt.timedelta(days=14 * (number + 1)),
        )
        log_activity(type=ActivityType.CALL, description=f"First talk with {name}.", deal_id=deal.pk)
        if stage != "Qualification":
            reason = "Too dear" if stage == "Lost" else ""
            move_deal(deal_id=deal.pk, stage_id=stages[stage].pk, loss_reason=reason)
        else:
            due = timezone.now() + dt.timedelta(days=2)
            log_activity(
                type=ActivityType.TASK, description="Send the brochure.", deal_id=deal.pk, due_at=due
            )
