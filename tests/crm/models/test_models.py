"""What every table of CRM promises, and what its constraints refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.models import Activity, Contact, CustomerReference, Deal, DealStageHistory, Pipeline, PipelineStage
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.models import ModelContract
from tests.crm import factories


class TestCustomerReference(ModelContract):
    model = CustomerReference

    def make(self, tenant: Tenant) -> CustomerReference:
        return factories.make_reference()


class TestPipeline(ModelContract):
    model = Pipeline

    def make(self, tenant: Tenant) -> Pipeline:
        return factories.make_pipeline()


class TestPipelineStage(ModelContract):
    model = PipelineStage

    def make(self, tenant: Tenant) -> PipelineStage:
        return factories.make_stage()


class TestDeal(ModelContract):
    model = Deal

    def make(self, tenant: Tenant) -> Deal:
        return factories.make_deal(customer=factories.make_reference())

    @pytest.mark.parametrize(
        ("values", "rule"),
        [
            ({"status": "paused", "closed_at": timezone.now()}, "deals_status_check"),
            ({"status": "won"}, "deals_closed_check"),
            ({"status": "lost", "closed_at": timezone.now()}, "deals_loss_reason_check"),
            ({"amount": -1}, "deals_amount_check"),
            ({"currency": "eur"}, "deals_currency_check"),
        ],
    )
    def test_the_database_refuses_states_that_cannot_be(
        self, tenant: Tenant, values: dict[str, Any], rule: str
    ) -> None:
        with acting(domain="crm", organization=tenant.id):
            deal = self.make(tenant)
            with pytest.raises(IntegrityError, match=rule), transaction.atomic():
                Deal.objects.filter(pk=deal.pk).update(**values)


class TestDealStageHistory(ModelContract):
    model = DealStageHistory

    def make(self, tenant: Tenant) -> DealStageHistory:
        return factories.make_stay()

    def test_a_deal_has_one_open_stay(self, tenant: Tenant) -> None:
        with acting(domain="crm", organization=tenant.id):
            stay = self.make(tenant)
            with pytest.raises(IntegrityError, match="deal_stage_history_open_key"), transaction.atomic():
                DealStageHistory.objects.create(
                    deal_id=stay.deal_id, stage_id=stay.stage_id, entered_at=timezone.now()
                )


class TestContact(ModelContract):
    model = Contact

    def make(self, tenant: Tenant) -> Contact:
        return factories.make_contact(role_title="Buyer")


class TestActivity(ModelContract):
    model = Activity

    def make(self, tenant: Tenant) -> Activity:
        deal = factories.make_deal(customer=factories.make_reference())
        return factories.make_activity(deal_id=deal.pk, contact_id=factories.make_contact().pk)


def test_deleting_a_deal_hides_what_belongs_to_it_and_restoring_brings_it_back(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.id):
        deal = factories.make_deal()
        note = factories.make_activity(deal_id=deal.pk)
        deal.soft_delete()
        assert not Activity.objects.filter(pk=note.pk).exists()
        assert not DealStageHistory.objects.filter(deal=deal).exists()
        deal.restore()
        assert Activity.objects.filter(pk=note.pk).exists()


def test_deleting_a_reference_for_good_leaves_deal_and_tenant(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.id):
        reference = factories.make_reference()
        deal = factories.make_deal(customer=reference)
        CustomerReference.all_objects.filter(pk=reference.pk)._raw_delete("default")
        deal.refresh_from_db()
        assert deal.customer_id is None
        assert deal.organization_id == tenant.id
