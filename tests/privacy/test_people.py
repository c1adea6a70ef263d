"""Which tables hold a customer's data is derived; a column that might lead to a person is in it, or says why not."""

from __future__ import annotations

from django.db import models

from crm.models import Activity, Contact, Deal, DealStageHistory, PipelineStage
from crm.quickbooks.models import QuickbooksCustomer
from platform_core.models import Customer, CustomerIdentifier, CustomerInteraction
from shared.domains.access import access_of
from shared.domains.check.compare import declared_models
from shared.privacy.people import Link, held_tables, link_columns
from shared.tenancy.models import UserProfile
from support.models import Agent, CustomerReference, Ticket, TicketMessage, TicketNote

NO_CUSTOMER = {
    "company_id": "a company is no person",
    "organization_id": "the tenant",
    "actor_id": "who acted: staff or a key",
    "entity_id": "the log is found by the rows that it tells of",
    "record_id": "of a hold: it says what must stay; values of custom fields are in the registry",
    "nonce": "random",
    "position": "how far a backfill is",
    "rotated_from_id": "a key",
    "import_batch_id": "a file that was imported",
    "event_id": "an event",
    "aggregate_id": "events are found by their subject: shared/events/erasing.py",
    "subject": "events are found by it: shared/events/erasing.py",
    "stream": "a digest",
}
"""UUID columns that lead to no customer."""


def test_every_column_that_could_lead_to_a_customer_is_known_or_has_a_reason() -> None:
    unknown, used = [], set()
    for in_tenant_schema in (False, True):
        for model in declared_models(tenant_apps=in_tenant_schema, versions=False):
            if not access_of(model).rows.startswith("tenant") or getattr(model, "describes", "") == "staff":
                continue
            for field in model._meta.local_concrete_fields:
                column = str(field.column)
                suspicious = isinstance(field, models.EmailField) or (
                    isinstance(field, models.UUIDField) and not field.primary_key
                )
                points = isinstance(field, models.ForeignKey) and field.related_model in held_tables()
                if (suspicious or points) and column not in link_columns(model):
                    used.add(column)
                    if column not in NO_CUSTOMER:
                        unknown.append(f"{model._meta.label}.{column}")
    assert unknown == [], (
        "name it customer_id or …_customer_id, or say in NO_CUSTOMER why it leads to no customer"
    )
    assert NO_CUSTOMER.keys() - used == set(), "an exemption that nothing needs any more"


def test_what_is_derived_is_what_a_person_would_name() -> None:
    held = held_tables()
    expected = (
        Customer, CustomerIdentifier, CustomerInteraction, CustomerReference, Ticket, TicketMessage, TicketNote,
        Deal, DealStageHistory, Contact, Activity, QuickbooksCustomer,
    )  # fmt: skip
    assert set(expected) <= held.keys()
    assert {Agent, UserProfile, PipelineStage}.isdisjoint(held)
    assert held[Customer] == (Link("golden", "id"), Link("email", "email"))
    assert link_columns(Ticket) == {"customer_id", "claimed_customer_id", "requester_email"}
    assert held[TicketNote] == (Link("row", "ticket_id", Ticket),)
    order = list(held)
    for model, links in held.items():
        assert all(link.target is None or order.index(link.target) < order.index(model) for link in links)
