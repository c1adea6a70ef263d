"""What every page of CRM promises."""

from __future__ import annotations

from typing import Any

from crm.models import Activity, Contact, CustomerReference, Deal, Pipeline, PipelineStage
from shared.records import uuid7
from shared.tenancy.models import Tenant
from tests.bases.admin import AdminContract
from tests.crm import factories


class TestCustomerReferenceAdmin(AdminContract):
    model = CustomerReference

    def make(self, tenant: Tenant) -> CustomerReference:
        return factories.make_reference()


class TestPipelineAdmin(AdminContract):
    model = Pipeline
    duplicate_field = "name"
    edit = {"description": "How we sell to farms"}

    def make(self, tenant: Tenant) -> Pipeline:
        return factories.make_pipeline()

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": "Farms"}


class TestStageAdmin(AdminContract):
    model = PipelineStage
    duplicate_field = "name"
    edit = {"maximum_age_days": "12"}

    def make(self, tenant: Tenant) -> PipelineStage:
        return factories.make_stage()

    def form(self, tenant: Tenant) -> dict[str, Any]:
        pipeline = Pipeline.objects.first() or factories.make_pipeline()
        return {
            "pipeline": str(pipeline.pk),
            "name": "Trial",
            "position": "9",
            "type": "open",
            "probability": "40",
            "required_fields": ["amount", "owner"],
        }


class TestDealAdmin(AdminContract):
    model = Deal
    edit = {"name": "Eleven looms"}

    def make(self, tenant: Tenant) -> Deal:
        return factories.make_deal(customer=factories.make_reference())

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "name": "Ten looms",
            "stage": str(factories.make_stage().pk),
            "customer": str(factories.make_reference().pk),
            "amount": "1200.00",
            "currency": "EUR",
        }


class TestContactAdmin(AdminContract):
    model = Contact
    edit = {"role_title": "Head of buying"}

    def make(self, tenant: Tenant) -> Contact:
        return factories.make_contact(role_title="Buyer")

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"customer": str(factories.make_reference().pk), "role_title": f"Buyer {uuid7().hex[-4:]}"}


class TestActivityAdmin(AdminContract):
    model = Activity
    edit = {"description": "Met again."}

    def make(self, tenant: Tenant) -> Activity:
        deal = factories.make_deal(customer=factories.make_reference())
        return factories.make_activity(deal_id=deal.pk)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"type": "note", "description": "Met at the fair."}
