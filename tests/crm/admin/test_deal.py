"""Deals, stages and activities in the back office: the services rule there too."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.choices import ActivityType
from crm.models import Activity, Deal, Pipeline
from crm.services.activity import record_activity
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.staff import read_form, staff_client
from tests.crm.factories import make_activity, make_deal, make_pipeline, stage_named


@pytest.fixture
def client(tenant: Tenant) -> Client:
    return staff_client(tenant)


@pytest.fixture
def pipeline(tenant: Tenant) -> Pipeline:
    with acting(domain="crm", organization=tenant.id):
        return make_pipeline()


def send(client: Client, deal: Deal, **typed: Any) -> Any:
    """Change the deal's page as a browser would."""
    address = reverse("admin:crm_deal_change", args=[deal.pk])
    opened = read_form(client.get(address).content.decode(), "deal_form")
    return client.post(address, {**opened, **typed})


def test_choosing_a_stage_moves_the_deal_and_a_loss_asks_for_the_reason(
    tenant: Tenant, client: Client, pipeline: Pipeline
) -> None:
    with acting(domain="crm", organization=tenant.id):
        deal, lost = make_deal(pipeline), stage_named(pipeline, "Lost")
    refused = send(client, deal, stage=str(lost.pk))
    assert refused.status_code == 200
    assert list(refused.context["adminform"].form.errors) == ["loss_reason"]
    assert send(client, deal, stage=str(lost.pk), loss_reason="Too dear").status_code == 302
    with acting(domain="crm", organization=tenant.id):
        deal.refresh_from_db()
        assert (deal.status, deal.loss_reason) == ("lost", "Too dear")
        assert deal.stage_history.count() == 2
        assert Activity.objects.get(deal=deal).type == ActivityType.DEAL_LOST


def test_a_stage_that_asks_for_more_says_so_on_the_page_and_nothing_is_saved(
    tenant: Tenant, client: Client, pipeline: Pipeline
) -> None:
    with acting(domain="crm", organization=tenant.id):
        deal, negotiation = make_deal(pipeline), stage_named(pipeline, "Negotiation")
    refused = send(client, deal, stage=str(negotiation.pk), name="Twelve looms")
    assert list(refused.context["adminform"].form.errors) == ["expected_close"]
    with acting(domain="crm", organization=tenant.id):
        before = deal.version
        deal.refresh_from_db()
        assert (deal.version, deal.name) == (before, "Ten looms")


def test_another_tenants_stage_is_no_choice(
    tenant: Tenant, other_tenant: Tenant, client: Client, pipeline: Pipeline
) -> None:
    with acting(domain="crm", organization=other_tenant.id):
        foreign = stage_named(make_pipeline(), "Proposal")
    with acting(domain="crm", organization=tenant.id):
        deal = make_deal(pipeline)
    refused = send(client, deal, stage=str(foreign.pk))
    assert list(refused.context["adminform"].form.errors) == ["stage"]


def test_a_stage_in_use_is_not_deleted(tenant: Tenant, client: Client, pipeline: Pipeline) -> None:
    with acting(domain="crm", organization=tenant.id):
        stage = make_deal(pipeline).stage
    address = reverse("admin:crm_pipelinestage_delete", args=[stage.pk])
    refused = client.post(address, {"post": "yes"})
    assert refused.status_code == 409
    assert "move them to another" in refused.content.decode()
    with acting(domain="crm", organization=tenant.id):
        stage.refresh_from_db()
        assert stage.deleted_at is None


def test_what_the_system_recorded_is_shown_not_changed(tenant: Tenant, client: Client) -> None:
    with acting(domain="crm", organization=tenant.id):
        recorded = record_activity(type=ActivityType.SUPPORT_CHAT, description="Chat")
    page = client.get(reverse("admin:crm_activity_change", args=[recorded.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()


def test_a_task_is_completed_on_its_page(tenant: Tenant, client: Client) -> None:
    with acting(domain="crm", organization=tenant.id):
        task = make_activity(type=ActivityType.TASK)
        note = make_activity()
    button = "Mark as done"
    assert button not in client.get(reverse("admin:crm_activity_change", args=[note.pk])).content.decode()
    page = client.get(reverse("admin:crm_activity_change", args=[task.pk])).content.decode()
    assert button in page
    address = reverse("admin:crm_activity_complete", args=[task.pk])
    assert "leaves the list" in client.get(address).content.decode(), "asked first"
    done = client.post(address, {"_form_submitted": "True"}, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == reverse("admin:crm_activity_change", args=[task.pk])
    assert client.post(address, {"_form_submitted": "True"}).status_code == 403, "done once"
    with acting(domain="crm", organization=tenant.id):
        task.refresh_from_db()
        assert task.done_at is not None
