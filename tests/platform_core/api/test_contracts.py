"""The platform's endpoints keep the promises of the API."""

from __future__ import annotations

from itertools import count
from typing import Any

from platform_core.services.profile import refresh_profiles
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.api import ApiReadContract, ApiWriteContract, assert_problem
from tests.bases.callers import ApiCaller
from tests.platform_core import factories

_number = count(1)


class TestCustomers(ApiWriteContract):
    domain = "platform"
    url = "/api/platform/customers"
    changes = {"name": "Ada Lovelace", "account_tier": "premium"}
    text_field = "name"
    duplicate_field = "email"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_customer(company=factories.make_company())

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "email": f"ada{next(_number)}@example.com",
            "name": "Ada",
            "phone": "+49 30 123456",
            "company_id": str(factories.make_company().pk),
            "timezone": "Europe/Berlin",
        }

    def test_found_by_email_in_any_case_and_by_its_beginning(self, tenant: Tenant, caller: ApiCaller) -> None:
        with acting(domain="platform", organization=tenant.id):
            ada = factories.make_customer(email="Ada@Example.com", name="Ada")
            factories.make_customer(email="bob@example.com", name="Bob")
        for query in ("email=ADA@example.com", "email__startswith=ADA@", "name=ad"):
            found = caller.get(f"{self.url}?{query}").json()["results"]
            assert [row["id"] for row in found] == [str(ada.pk)], query

    def test_a_duplicate_email_names_the_field(self, tenant: Tenant, caller: ApiCaller) -> None:
        assert caller.post(self.url, {"email": "ada@example.com"}).status_code == 201
        problem = assert_problem(caller.post(self.url, {"email": "ADA@example.com"}), 409)
        assert [e["field"] for e in problem["errors"]] == ["email"]

    def test_a_phone_is_kept_in_e164(self, caller: ApiCaller) -> None:
        answer = caller.post(self.url, {"email": "p@example.com", "phone": "+49 (0)30 123456"})
        assert answer.json()["phone"] == "+4930123456"
        problem = assert_problem(caller.post(self.url, {"phone": "12"}), 400)
        assert [e["field"] for e in problem["errors"]] == ["phone"]


class TestCompanies(ApiWriteContract):
    domain = "platform"
    url = "/api/platform/companies"
    changes = {"industry": "Steel"}
    text_field = "industry"
    duplicate_field = "name"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_company()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": f"Acme {next(_number)}", "domain": "acme.example"}


class TestCustomerIdentifiers(ApiWriteContract):
    domain = "platform"
    url = "/api/platform/customer-identifiers"
    changes = {"source": "shop"}
    text_field = "source"
    duplicate_field = "value"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_identifier()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        customer = factories.make_customer()
        return {"customer_id": str(customer.pk), "kind": "external_id", "value": f"erp:{next(_number)}"}


class TestCustomerInteractions(ApiWriteContract):
    domain = "platform"
    url = "/api/platform/customer-interactions"
    changes: dict[str, Any] = {}
    text_field = "source"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_interaction()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {
            "customer_id": str(factories.make_customer().pk),
            "interaction_type": "purchase",
            "amount": "12.50",
            "currency": "EUR",
            "channel": "web",
        }

    def test_an_amount_needs_its_currency(self, tenant: Tenant, caller: ApiCaller) -> None:
        body = {**self.body(tenant), "currency": ""}
        problem = assert_problem(caller.post(self.url, body), 400)
        assert [e["field"] for e in problem["errors"]] == ["currency"]


class TestCustomerProfiles(ApiReadContract):
    domain = "platform"
    url = "/api/platform/customer-profiles"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_profile()


class TestCustomerRecords(ApiReadContract):
    domain = "platform"
    url = "/api/platform/customer-records"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_record(domain="platform")


class TestTimeline(ApiReadContract):
    domain = "platform"
    url = "/api/platform/timeline"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_entry(domain="platform")


class TestArchetypes(ApiWriteContract):
    domain = "platform"
    url = "/api/platform/archetypes"
    changes = {"guidance": "Be brief."}
    text_field = "guidance"
    duplicate_field = "code"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_definition()

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        return {"code": f"kind-{next(_number)}", "name": "A kind", "l1_id": str(factories.make_l1().pk)}


class TestArchetypeLevel1(ApiReadContract):
    domain = "platform"
    url = "/api/platform/archetype-levels/l1"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_l1()


class TestArchetypeLevel2(ApiReadContract):
    domain = "platform"
    url = "/api/platform/archetype-levels/l2"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_l2()


class TestArchetypeLevel3(ApiReadContract):
    domain = "platform"
    url = "/api/platform/archetype-levels/l3"

    def make(self, tenant: Tenant) -> Any:
        return factories.make_l3()


class TestIntelligence:
    caller, stranger = ApiReadContract.caller, ApiReadContract.stranger
    domain = "platform"

    def test_what_is_known_about_a_customer(
        self, tenant: Tenant, caller: ApiCaller, stranger: ApiCaller
    ) -> None:
        with acting(domain="platform", organization=tenant.id):
            customer = factories.make_interaction().customer
        url = f"/api/intelligence/customer/{customer.pk}"
        assert caller.get(url).json() == {
            "customer_id": str(customer.pk),
            "profile": None,
            "archetype": None,
            "tier": "standard",
        }
        with acting(domain="platform", organization=tenant.id):
            refresh_profiles()
        found = caller.get(url).json()
        assert found["profile"]["frequency"] == 1
        assert found["profile"]["monetary_value"] == "10.00"
        assert found["archetype"]["l1"]["code"] == "single"
        assert_problem(stranger.get(url), 404)
        assert_problem(caller.get(f"/api/intelligence/customer/{uuid7()}"), 404)
