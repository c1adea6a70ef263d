"""What happens in one app shows in the others: through real services, relay and drains, in one database."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.choices import StageType
from crm.models import Activity, Deal, Pipeline, PipelineStage
from crm.models import CustomerReference as Buyer
from crm.services.activity import log_activity
from crm.services.customer_reference import sync_customer_reference as sync_buyer
from crm.services.deal import move_deal, open_deal
from platform_core.models import (
    Company,
    Customer,
    CustomerInteraction,
    CustomerProfile,
    CustomerRecord,
    TimelineEntry,
)
from platform_core.selectors.customer import summary_of
from platform_core.services.customer import create_customer, delete_customer, update_customer
from shared.events.declaring import RecordChanged, find_event, read_event
from shared.events.handling import subscriber, subscribers
from shared.events.models import InboxEvent, OutboxEvent
from shared.events.telling import CHUNK
from shared.platform_client.following import reference_models
from shared.records.references import CustomerReferenceRecord
from shared.session import Actor, acting, operating
from shared.tenancy.models import Tenant
from support.models import CustomerReference as Requester
from support.models import Ticket
from support.services.customer_reference import sync_customer_reference as sync_requester
from support.services.ticket import change_status, delete_ticket, open_ticket, update_ticket
from tests.bases.callers import make_caller
from tests.events.conftest import drain_all, relay_all

TAKERS = ("platform", "platform.timeline", "support", "crm", "marketing")
STAFF = Actor(kind="user", id=uuid.uuid4(), name="Staff")


def deliver(tenant: Tenant, relaying: Any) -> None:
    """Until nothing is under way."""
    while True:
        moved = relay_all(relaying)
        moved += sum(drain_all(subscriber(name)) for name in TAKERS)
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
    data: Any = read_event(told.name, told.schema_version, told.data)
    assert (data.customer_id, data.email, data.is_new, told.subject) == (ada.pk, ada.email, True, ada.pk)


@pytest.mark.parametrize("model", [Ticket, Deal, Activity], ids=lambda m: m.__name__)
def test_a_table_tells_what_its_event_declares(model: Any) -> None:
    declared = find_event(model.tells.event, model.tells.version)
    assert issubclass(declared, RecordChanged)
    assert {*declared.model_fields} == {*model.tells.columns, *RecordChanged.model_fields}


def records(tenant: Tenant, known: Customer, moment: dt.datetime | None = None) -> list[tuple[str, str, str]]:
    with acting(domain="platform", organization=tenant.id, reading=True, as_of=moment):
        rows = CustomerRecord.objects.filter(customer_id=known.pk).order_by("began_at")
        return [(row.kind, row.title, row.status) for row in rows]


def timeline(tenant: Tenant, known: Customer) -> list[tuple[str, str, str]]:
    with acting(domain="platform", organization=tenant.id, reading=True):
        entries = TimelineEntry.objects.filter(customer_id=known.pk).order_by("at", "id")
        return [(entry.kind, entry.what, entry.status) for entry in entries]


def test_what_apps_hold_of_a_customer_is_shown_beside_them_now_and_then(
    tenant: Tenant, relaying: Any
) -> None:
    ada = customer(tenant)
    requester = known_to_support(tenant, ada)
    deliver(tenant, relaying)
    with acting(domain="support", organization=tenant.id, actor=STAFF):
        ticket = open_ticket(subject="No heating", customer=requester)
    with acting(domain="crm", organization=tenant.id, actor=STAFF):
        log_activity(
            type="call", description="Asked for a boiler", customer=Buyer.objects.get(customer_id=ada.pk)
        )
    deliver(tenant, relaying)
    first = [("ticket", "#1 No heating", "new"), ("call", "Asked for a boiler", "")]
    assert records(tenant, ada) == first
    before = timezone.now()
    with acting(domain="support", organization=tenant.id, actor=STAFF):
        change_status(ticket=ticket, status="open")
        Ticket.objects.filter(pk=ticket.pk).update(subject="Cold")  # no service: the table tells
    deliver(tenant, relaying)
    assert records(tenant, ada) == [("ticket", "#1 Cold", "open"), first[1]]
    assert records(tenant, ada, before) == first
    with acting(domain="support", organization=tenant.id, actor=STAFF):
        delete_ticket(ticket=Ticket.objects.get(pk=ticket.pk))
    deliver(tenant, relaying)
    assert records(tenant, ada) == [first[1]]
    assert timeline(tenant, ada) == [
        ("ticket", "began", "new"), ("call", "began", ""), ("ticket", "changed", "open"), ("ticket", "deleted", "open"),
    ]  # fmt: skip


def test_a_key_sees_of_a_customer_what_its_scopes_cover(tenant: Tenant, relaying: Any) -> None:
    ada = customer(tenant)
    requester = known_to_support(tenant, ada)
    with acting(domain="support", organization=tenant.id, actor=STAFF):
        open_ticket(subject="No heating", customer=requester)
    deliver(tenant, relaying)
    address = f"/api/platform/customers/{ada.pk}/overview"
    both = make_caller(tenant, "platform:read", "support:read").get(address).json()
    assert both["customer"]["email"] == ada.email
    assert [(r["domain"], r["title"]) for r in both["records"]] == [("support", "#1 No heating")]
    assert [(e["what"], e["title"]) for e in both["timeline"]] == [("began", "#1 No heating")]
    assert both["profile"]["interaction_count"] == 1
    platform = make_caller(tenant, "platform:read")
    alone = platform.get(address).json()
    assert (alone["records"], alone["timeline"]) == ([], [])
    for kind in ("customer-records", "timeline"):
        assert platform.get(f"/api/platform/{kind}?customer={ada.pk}").json()["results"] == []
    assert platform.get(f"{address}?as_of={timezone.now().isoformat()}Z").status_code == 400
    assert platform.get(f"{address}?as_of=2000-01-01T00:00:00Z").status_code == 404
    assert make_caller(tenant, "support:read").get(address).status_code == 403


def test_an_overview_is_its_tenants_and_costs_the_same_for_much(
    tenant: Tenant, worker_login: Any, relaying: Any
) -> None:
    ada = customer(tenant)
    requester = known_to_support(tenant, ada)
    deliver(tenant, relaying)
    address = f"/api/platform/customers/{ada.pk}/overview"
    caller = make_caller(tenant, "platform:read", "support:read")
    counts = []
    for _ in range(3):
        with acting(domain="support", organization=tenant.id, actor=STAFF):
            open_ticket(subject="No heating", customer=requester)
        deliver(tenant, relaying)
        caller.get(address)  # what is prepared once is prepared now
        with CaptureQueriesContext(connections["default"]) as asked:
            counts.append(len(caller.get(address).json()["records"]))
        counts.append(-len(asked))
    assert counts[0::2] == [1, 2, 3]
    assert len(set(counts[1::2])) == 1
    stranger = make_caller(worker_login("Stranger"), "platform:read", "support:read")
    assert stranger.get(address).status_code == 404
    assert Client().get(address).status_code == 401


def test_a_statement_of_many_rows_tells_of_each(tenant: Tenant) -> None:
    count = CHUNK + 3
    with acting(domain="platform", organization=tenant.id, actor=STAFF):
        Customer.objects.bulk_create([Customer(name=f"Customer {n}") for n in range(count)])
        Customer.objects.update(preferred_language="de")
        told = OutboxEvent.objects.filter(name="platform.customer.changed")
        assert told.count() == 2 * count
        assert told.filter(aggregate_version=2, data__preferred_language="de").count() == count
    with acting(domain="crm", organization=tenant.id, actor=STAFF):
        Activity.objects.bulk_create([Activity(type="note", description=str(n)) for n in range(count)])
        assert OutboxEvent.objects.filter(name="crm.activity.changed").count() == count
