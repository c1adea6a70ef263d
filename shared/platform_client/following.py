"""Every app's references follow the golden customers: by events, for each model that derives from the kit's.

An app writes nothing for it. What it does not refer to, it does not get a copy of, unless its model says that it
``follows_all`` customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.apps import apps
from django.db import connections, transaction
from django.utils import timezone

from shared.domains.access import quoted
from shared.domains.registry import find_domain_of_app
from shared.events.handling import Delivered, subscriber
from shared.platform_client.cache import forget_customer
from shared.platform_client.events import CompanyRenamed, CustomerChanged, CustomerDeleted
from shared.records.references import CustomerReferenceRecord
from shared.session.facts import current

_FROM = """
SELECT * FROM jsonb_to_recordset(%(said)s::jsonb) AS s (
  customer_id uuid, email text, name text, account_tier text, preferred_language text, company_id uuid, company_name text,
  is_new boolean)"""

_REFRESH = """
UPDATE {table} r
SET email = s.email, name = s.name, tier = s.account_tier, language = s.preferred_language, company_id = s.company_id,
    company_name = s.company_name, deleted_at = NULL, last_synced_at = %(now)s
FROM ({said}) s
WHERE r.organization_id = %(organization)s AND r.customer_id = s.customer_id
  AND (r.email, r.name, r.tier, r.language, r.company_id, r.company_name, r.deleted_at)
    IS DISTINCT FROM (s.email, s.name, s.account_tier, s.preferred_language, s.company_id, s.company_name, NULL)"""

_ADD = """
INSERT INTO {table} (id, organization_id, created_by_app, customer_id, email, name, tier, language, company_id,
  company_name, last_synced_at)
SELECT s.customer_id, %(organization)s, %(domain)s, s.customer_id, s.email, s.name, s.account_tier, s.preferred_language,
  s.company_id, s.company_name, %(now)s
FROM ({said}) s
ON CONFLICT DO NOTHING"""


def reference_models() -> list[type[CustomerReferenceRecord]]:
    """The registry of references to golden customers: every model of the kit's base, in whichever app."""
    return [model for model in apps.get_models() if issubclass(model, CustomerReferenceRecord)]


def follow_customers() -> None:
    """Subscribe each app that refers to customers."""
    for model in reference_models():
        domain = find_domain_of_app(model._meta.app_label)
        if domain is None:
            continue
        taker = subscriber(domain.name)
        for event, follow in (
            (CustomerChanged, refresh_references),
            (CustomerDeleted, hide_references),
            (CompanyRenamed, rename_companies),
        ):
            handlers = taker.set_handlers.setdefault(event.event_name, [])
            if not any(getattr(handler, "args", ()) == (model,) for handler in handlers):
                handlers.append(partial(follow, model))


def refresh_references(model: type[CustomerReferenceRecord], events: Sequence[Delivered]) -> None:
    """Bring references in step with what the customers say now; a hidden one comes back, since the customer is there."""
    newest = {event.aggregate_id: event.data for event in events}  # the last of each says it all
    said = f"[{','.join(data.model_dump_json() for data in newest.values())}]"
    _execute(model, _REFRESH, said)
    if model.follows_all:
        _execute(model, _ADD, said)
    _forget(newest)


def hide_references(model: type[CustomerReferenceRecord], events: Sequence[Delivered]) -> None:
    """Hide references to customers who are gone; what refers to them keeps the reference."""
    gone = [event.data.customer_id for event in events]
    model.objects.filter(customer_id__in=gone).update(deleted_at=timezone.now())
    _forget(gone)


def rename_companies(model: type[CustomerReferenceRecord], events: Sequence[Delivered]) -> None:
    """Note the new names of companies."""
    for company_id, name in {event.data.company_id: event.data.name for event in events}.items():
        model.objects.filter(company_id=company_id).exclude(company_name=name).update(company_name=name)


def _execute(model: type[CustomerReferenceRecord], statement: str, said: str) -> None:
    facts = current()
    assert facts is not None
    with connections[facts.alias].cursor() as cursor:
        cursor.execute(
            statement.format(table=quoted(model._meta.db_table), said=_FROM),
            {"said": said, "organization": facts.organization, "domain": facts.domain, "now": timezone.now()},
        )


def _forget(customers: Any) -> None:
    """Answers of the platform that this process's cache keeps; another's end with their time."""
    facts = current()
    assert facts is not None
    assert facts.organization is not None
    for customer_id in customers:
        transaction.on_commit(partial(forget_customer, facts.organization, customer_id), using=facts.alias)
