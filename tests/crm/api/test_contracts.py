"""What every endpoint of CRM promises."""

from __future__ import annotations

from typing import Any

from crm.models import Activity, Contact, CustomerReference, Deal, Pipeline, PipelineStage
from shared.records import uuid7
from shared.tenancy.models import Tenant
from tests.bases.api import ApiReadContract, ApiWriteContract
from tests.crm import factories
from tests.crm.golden import make_customer


class TestCustomerReferences(ApiReadContract):
    domain = "crm"
    url = "/api/crm/customer-references"

    def make(self, tenant: Tenant) -> CustomerReference:
        return factories.make_reference()


class TestPipelines(ApiWriteContract):
    domain = "crm"
    url = "/api/crm/pipelines"
    changes = {"description": "How we sell to farms"}
    text_field = "name"
    duplicate_field = "name"

    def make(self, tenant: Tenant) -> Pipeline:
        return factories.make_pipeline()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": f"Farms {uuid7().hex[-8:]}", "description": "", "stages": [{"name": "Talk"}]}


class TestStages(ApiWriteContract):
    domain = "crm"
    url = "/api/crm/stages"
    changes = {"name": "Changed", "maximum_age_days": 5}
    text_field = "name"
    duplicate_field = "name"

    def make(self, tenant: Tenant) -> PipelineStage:
        return factories.make_stage()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        pipeline = factories.make_pipeline()
        return {"pipeline_id": str(pipeline.pk), "name": "Trial", "probability": 40}


class TestDeals(ApiWriteContract):
    domain = "crm"
    url = "/api/crm/deals"
    changes = {"name": "Eleven looms", "expected_close": "2027-03-01"}
    text_field = "name"

    def make(self, tenant: Tenant) -> Deal:
        return factories.make_deal(customer=factories.make_reference())

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        pipeline = factories.make_pipeline()
        return {
            "name": "Ten looms",
            "pipeline_id": str(pipeline.pk),
            "customer_id": make_customer(tenant),
            "amount": "1200.00",
            "currency": "EUR",
        }


class TestContacts(ApiWriteContract):
    domain = "crm"
    url = "/api/crm/contacts"
    changes = {"role_title": "Head of buying"}
    text_field = "role_title"
    duplicate_field = "customer_id"

    def make(self, tenant: Tenant) -> Contact:
        return factories.make_contact(role_title="Buyer")

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"customer_id": make_customer(tenant), "role_title": "Buyer"}


class TestActivities(ApiWriteContract):
    domain = "crm"
    url = "/api/crm/activities"
    changes = {"description": "Met again."}
    text_field = "description"

    def make(self, tenant: Tenant) -> Activity:
        deal = factories.make_deal(customer=factories.make_reference())
        return factories.make_activity(deal_id=deal.pk, contact_id=factories.make_contact().pk)

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "type": "note",
            "description": "Met at the fair.",
            "customer_id": make_customer(tenant),
            "deal_id": str(factories.make_deal().pk),
        }
