"""What happens in one app shows in the others: through real services, relay and drains, in one database."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from crm.choices import StageType
from crm.models import CustomerReference as Buyer
from crm.models import Pipeline, PipelineStage
from crm.services.customer_reference import sync_customer_reference as sync_buyer
from crm.services.deal import move_deal, open_deal
from platform_core.models import Company, Customer, CustomerInteraction, CustomerProfile
from platform_core.selectors.customer import summary_of
from platform_core.services.customer import create_customer, delete_customer, update_customer
from shared.events.handling import subscriber, subscribers
from shared.events.models import InboxEvent, OutboxEvent
from shared.platform_client.following import reference_models
from shared.records.references import CustomerReferenceRecord
from shared.session import Actor, acting, operating
from shared.tenancy.models import Tenant
from support.models import CustomerReference as Requester
from support.services.customer_reference import sync_customer_reference as sync_requester
from support.services.ticket import open_ticket, update_ticket
from tests.events.conftest import drain_all, relay_all

STAFF = Actor(kind="user", id=uuid.uuid4(), name="Staff")


def deliver(tenant: Tenant, relaying: Any) -> None:
    """Until nothing is under way."""
    while True:
        moved = relay_all(relaying)
        moved += sum(drain_all(subscriber(name)) for name in ("platform", "support", "crm", "marketing"))
        if not moved:
            break
    with operating(reason="test"):
        left = InboxEvent.objects.filter(organization_id=tenant.id, state__in=("dead", "retry"))
        assert [event.error for event in left] == []


def customer(tenant: Tenant, **values: Any) -> Customer:
    with acting(domain="platform", organization=tenant.id, actor=STAFF):
        return create_customer(**{"email": f"{uuid.uuid4().hex[:8]}@example.com", "name": "Ada", **values})


def known_to_support(tenant: Tenant, known: Customer) -> Requester:
    with acting(domain="platform", organization=tenant.id, reading=True):
        summary = summary_of(Customer.objects.select_related("company").get(pk=known.pk))
    with acting(domain="support", organization=tenant.id):
        return sync_requester(customer=summary)


def reference(
    tenant: Tenant, model: type[CustomerReferenceRecord], known: Customer
) -> CustomerReferenceRecord:
    domain = "crm" if model is Buyer else "support"
    with acting(domain=domain, organization=tenant.id, reading=True):
        return model.all_objects.get(customer_id=known.pk)


def test_every_app_that_refers_to_customers_follows_them() -> None:
    assert {Buyer, Requester} <= set(reference_models())
    for model in reference_models():
        taker = next(s for s in subscribers() if s.name == model._meta.app_label.removesuffix("_core"))
        for event in ("platform.customer.changed", "platform.customer.deleted", "platform.company.renamed"):
            assert any(getattr(handler, "args", ()) == (model,) for handler in taker.set_handlers[event])


def test_a_changed_customer_reaches_every_reference(tenant: Tenant, relaying: Any) -> None:
    ada = customer(tenant)
    known_to_support(tenant, ada)
    deliver(tenant, relaying)
    with acting(domain="platform", organization=tenant.id, actor=STAFF):
        company = Company.objects.create(name="Analytical Engines")
        update_customer(customer=Customer.objects.get(pk=ada.pk), name="Ada King", company_id=company.pk)
    deliver(tenant, relaying)
    for model in (Buyer, Requester):
        row = reference(tenant, model, ada)
        assert (row.name, row.company_name, row.deleted_at) == ("Ada King", "Analytical Engines", None)
    with acting(domain="platform", organization=tenant.id, actor=STAFF):
        Company.objects.filter(pk=company.pk).update(name="Difference Engines")
        Customer.objects.filter(pk=ada.pk).update(preferred_language="en")  # no service: the trigger tells
    deliver(tenant, relaying)
    for model in (Buyer, Requester):
        row = reference(tenant, model, ada)
        assert (row.company_name, row.language) == ("Difference Engines", "en")


def test_sales_see_whom_support_met_and_support_only_whom_it_knows(tenant: Tenant, relaying: Any) -> None:
    ada = customer(tenant)
    deliver(tenant, relaying)
    assert reference(tenant, Buyer, ada).email == ada.email
    with pytest.raises(Requester.DoesNotExist):
        reference(tenant, Requester, ada)


def test_a_deleted_customer_is_hidden_everywhere_and_comes_back(tenant: Tenant, relaying: Any) -> None:
    ada = customer(tenant)
    known_to_support(tenant, ada)
    with acting(domain="platform", organization=tenant.id, actor=STAFF):
        delete_customer(customer=Customer.objects.get(pk=ada.pk))
    deliver(tenant, relaying)
    for model in (Buyer, Requester):
        assert reference(tenant, model, ada).deleted_at is not None
    with acting(domain="platform", organization=tenant.id, actor=STAFF):
        Customer.all_objects.get(pk=ada.pk).restore()
    deliver(tenant, relaying)
    for model in (Buyer, Requester):
        assert reference(tenant, model, ada).deleted_at is None


@pytest.mark.parametrize(("before", "after"), [("standard", "premium"), ("enterprise", "enterprise")])
def test_a_won_deal_raises_the_tier_that_support_sees(
    tenant: Tenant, relaying: Any, before: str, after: str
) -> None:
    ada = customer(tenant, account_tier=before)
    known_to_support(tenant, ada)
    deliver(tenant, relaying)
    with acting(domain="platform", organization=tenant.id, reading=True):
        summary = summary_of(Customer.objects.select_related("company").get(pk=ada.pk))
    with acting(domain="crm", organization=tenant.id, actor=STAFF):
        pipeline = Pipeline.objects.create(name="Sales", is_default=True)
        first, won = (
            PipelineStage.objects.create(
                pipeline=pipeline, name=name, position=place, type=kind, probability=chance
            )
            for name, place, kind, chance in (("New", 1, StageType.OPEN, 10), ("Won", 2, StageType.WON, 100))
        )
        deal = open_deal(
            name="Engine",
            stage_id=first.pk,
            customer=sync_buyer(customer=summary),
            amount=Decimal(900),
            currency="EUR",
        )
        move_deal(deal_id=deal.pk, stage_id=won.pk)
    deliver(tenant, relaying)
    assert reference(tenant, Requester, ada).tier == after
    with acting(domain="platform", organization=tenant.id, reading=True):
        raised = Customer.objects.get(pk=ada.pk)
        assert raised.account_tier == after
        assert raised.history.first().history_actor_name.endswith("Staff") or before == after


def test_a_ticket_counts_as_an_interaction_once(tenant: Tenant, relaying: Any) -> None:
    ada = customer(tenant)
    requester = known_to_support(tenant, ada)
    with acting(domain="support", organization=tenant.id, actor=STAFF):
        ticket = open_ticket(
            subject="It does not count", customer=requester, priority="high", channel="email"
        )
        other = open_ticket(subject="Who is it?", requester_email="someone@example.com")
    deliver(tenant, relaying)
    with acting(domain="support", organization=tenant.id, actor=STAFF):
        update_ticket(ticket=other, customer=requester)
    deliver(tenant, relaying)
    with acting(domain="platform", organization=tenant.id, reading=True):
        counted = list(CustomerInteraction.objects.filter(customer_id=ada.pk).order_by("occurred_at"))
        profile = CustomerProfile.objects.get(customer_id=ada.pk)
    assert [(i.interaction_type, i.channel, i.source) for i in counted] == [
        ("ticket", "email", "support"), ("ticket", "api", "support"),
    ]  # fmt: skip
    assert counted[0].metadata == {
        "ticket_id": str(ticket.pk),
        "subject": "It does not count",
        "priority": "high",
    }
    assert (profile.interaction_count, profile.last_interaction_at) == (2, counted[1].occurred_at)


def test_what_the_trigger_writes_is_what_the_class_declares(tenant: Tenant) -> None:
    ada = customer(tenant)
    with acting(domain="platform", organization=tenant.id, actor=STAFF), connections["default"].cursor():
        told = OutboxEvent.objects.get(aggregate_id=ada.pk)
    from shared.events.declaring import read_event

    data: Any = read_event(told.name, told.schema_version, told.data)
    assert (data.customer_id, data.email, data.is_new, told.subject) == (ada.pk, ada.email, True, ada.pk)
