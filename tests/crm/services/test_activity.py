"""The timeline of sales."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone

from crm.choices import ActivityType
from crm.services.activity import complete_task, log_activity, record_activity, update_activity
from shared.errors import Conflict, InvalidInput
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.crm.factories import make_activity, make_contact, make_deal, make_reference


@pytest.fixture(autouse=True)
def _acting(tenant: Tenant) -> Iterator[None]:
    with acting(domain="crm", organization=tenant.id):
        yield


def test_the_customer_follows_from_the_deal_and_from_the_contact() -> None:
    customer = make_reference()
    deal = make_deal(customer=customer)
    assert make_activity(deal_id=deal.pk).customer_id == customer.pk
    assert make_activity(contact_id=make_contact(customer=customer).pk).customer_id == customer.pk


@pytest.mark.parametrize("kind", [ActivityType.DEAL_WON, ActivityType.SUPPORT_CHAT])
def test_nobody_types_in_what_the_system_records(kind: ActivityType) -> None:
    with pytest.raises(InvalidInput) as refused:
        log_activity(type=kind, description="We won!")
    assert "note" in refused.value.extra["allowed"]
    recorded = record_activity(type=kind, description="We won!")
    with pytest.raises(Conflict):
        update_activity(activity=recorded, description="We did not.")


def test_only_tasks_are_due_and_done() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_activity(due_at=timezone.now())
    assert "due_at" in refused.value.errors
    with pytest.raises(Conflict, match="Only a task"):
        complete_task(activity_id=make_activity().pk)
    task = make_activity(type=ActivityType.TASK, due_at=timezone.now())
    done = complete_task(activity_id=task.pk)
    assert done.done_at is not None
    assert complete_task(activity_id=task.pk).done_at == done.done_at


def test_an_activity_says_something() -> None:
    with pytest.raises(InvalidInput) as refused:
        make_activity(description="  ")
    assert "description" in refused.value.errors
