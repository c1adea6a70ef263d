"""Tasks: domain and tenant are set around them, and a task without a tenant is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from celery import current_app
from django.utils import timezone

from platform_core.models import Session
from platform_core.tasks import clear_expired_sessions
from shared.domains.registry import domains
from shared.jobs import domain_task
from shared.session import TenantMissingError, acting, current
from shared.tenancy.models import Tenant


@domain_task(name="tests.who_acts", domain="crm")
def who_acts() -> tuple[str, str, str]:
    facts = current()
    assert facts is not None
    return facts.domain or "", str(facts.organization), facts.actor.name


def test_a_task_acts_for_its_domain_and_the_tenant_it_is_given(tenant: Tenant) -> None:
    assert who_acts(organization=str(tenant.id)) == ("crm", str(tenant.id), "tests.who_acts")


def test_a_task_without_a_tenant_is_refused(db: None) -> None:
    with pytest.raises(TenantMissingError, match="organization=str"):
        who_acts()


def test_a_domains_task_waits_in_the_domains_queue() -> None:
    assert who_acts.queue == "crm"
    assert {q.name for q in current_app.conf.task_queues} == {d.name for d in domains()}


def test_everything_on_the_schedule_is_a_task() -> None:
    current_app.loader.import_default_modules()
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert scheduled <= set(current_app.tasks)


@pytest.mark.parametrize("name", ["shared.sync_tenancy", "shared.purge_idempotency_keys"])
def test_what_the_scheduler_sends_to_an_operators_task_is_taken(name: str) -> None:
    current_app.loader.import_default_modules()
    current_app.tasks[name].apply_async(kwargs={"domain": "platform"}, queue="nobody-listens", expires=1)


def test_expired_sessions_are_cleared_and_living_ones_kept(worker_login: Callable[[str], Tenant]) -> None:
    now = timezone.now()
    with acting(domain="platform", organization=None):
        for key, offset in (("expired-session-of-a-test", -1), ("living-session-of-a-test", 1)):
            Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=offset))
    assert clear_expired_sessions() >= 1
    with acting(domain="platform", organization=None):
        assert set(
            Session.objects.filter(session_key__endswith="-of-a-test").values_list("session_key", flat=True)
        ) == {"living-session-of-a-test"}
