"""What every page of the golden record promises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from platform_core.choices import IdentifierKind, ImportStatus
from platform_core.models import (
    ArchetypeDefinition,
    ArchetypeL1,
    ArchetypeL2,
    ArchetypeL3,
    Company,
    CompanyMembership,
    Customer,
    CustomerIdentifier,
    CustomerInteraction,
    CustomerProfile,
    ImportBatch,
)
from platform_core.services.company import create_company
from platform_core.services.customer import create_customer
from platform_core.services.identifier import add_identifier
from platform_core.services.interaction import record_interaction
from platform_core.services.profile import refresh_profiles
from shared.records import uuid7
from shared.tenancy.models import Tenant
from tests.bases.admin import AdminContract


def unique() -> str:
    return uuid7().hex[-10:]


def make_customer(**values: Any) -> Customer:
    return create_customer(email=f"ada-{unique()}@example.com", name="Ada Lovelace", **values)


def make_interaction() -> CustomerInteraction:
    return record_interaction(
        customer_id=make_customer().pk,
        interaction_type="purchase",
        occurred_at=timezone.now(),
        amount=Decimal("12.50"),
        currency="EUR",
    )


class TestCustomerPage(AdminContract):
    model = Customer
    duplicate_field = "email"
    edit = {"name": "Ada King"}

    def make(self, tenant: Tenant) -> Customer:
        return make_customer(company_id=create_company(name=f"Engines {unique()}").pk)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"email": "Grace@Example.com", "name": "Grace Hopper", "account_tier": "premium"}


class TestCustomerIdentifierPage(AdminContract):
    model = CustomerIdentifier
    duplicate_field = "value"
    edit = {"source": "import"}

    def make(self, tenant: Tenant) -> CustomerIdentifier:
        return add_identifier(
            customer_id=make_customer().pk, kind=IdentifierKind.EMAIL, value=f"{unique()}@example.org"
        )

    def form(self, tenant: Tenant) -> dict[str, Any]:
        customer = Customer.objects.order_by("created_at").first() or make_customer()
        return {"customer": str(customer.pk), "kind": IdentifierKind.EMAIL, "value": "further@example.org"}


class TestCompanyPage(AdminContract):
    model = Company
    duplicate_field = "name"
    edit = {"industry": "Weaving"}

    def make(self, tenant: Tenant) -> Company:
        return create_company(name=f"Looms {unique()}")

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"name": "Jacquard and Sons", "country": "FR"}


class TestCompanyMembershipPage(AdminContract):
    model = CompanyMembership
    duplicate_field = "company"
    edit = {"role": "Director"}

    def make(self, tenant: Tenant) -> CompanyMembership:
        company = create_company(name=f"Looms {unique()}")
        return CompanyMembership.objects.create(customer=make_customer(), company=company)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        customer = Customer.objects.order_by("created_at").first() or make_customer()
        company = Company.objects.filter(name="Mills").first() or create_company(name="Mills")
        return {"customer": str(customer.pk), "company": str(company.pk)}


class TestCustomerInteractionPage(AdminContract):
    model = CustomerInteraction

    def make(self, tenant: Tenant) -> CustomerInteraction:
        return make_interaction()


class TestCustomerProfilePage(AdminContract):
    model = CustomerProfile

    def make(self, tenant: Tenant) -> CustomerProfile:
        interaction = make_interaction()
        refresh_profiles(customer_ids=[interaction.customer_id])
        return CustomerProfile.objects.get(customer_id=interaction.customer_id)


class TestArchetypeL1Page(AdminContract):
    model = ArchetypeL1
    duplicate_field = "code"
    edit = {"description": "They come back"}

    def make(self, tenant: Tenant) -> ArchetypeL1:
        return ArchetypeL1.objects.create(code=f"loyal-{unique()}", name="Loyal")

    def form(self, tenant: Tenant) -> dict[str, Any]:
        return {"code": "lapsed", "name": "Lapsed"}


class TestArchetypeL2Page(AdminContract):
    model = ArchetypeL2
    duplicate_field = "code"
    edit = {"description": "They spend more"}

    def make(self, tenant: Tenant) -> ArchetypeL2:
        parent = TestArchetypeL1Page().make(tenant)
        return ArchetypeL2.objects.create(code=f"high-{unique()}", name="High value", parent=parent)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        parent = ArchetypeL1.objects.first() or TestArchetypeL1Page().make(tenant)
        return {"code": "low", "name": "Low value", "parent": str(parent.pk)}


class TestArchetypeL3Page(AdminContract):
    model = ArchetypeL3
    duplicate_field = "code"
    edit = {"description": "They buy at night"}

    def make(self, tenant: Tenant) -> ArchetypeL3:
        parent = TestArchetypeL2Page().make(tenant)
        return ArchetypeL3.objects.create(code=f"night-{unique()}", name="Night owls", parent=parent)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        parent = ArchetypeL2.objects.first() or TestArchetypeL2Page().make(tenant)
        return {"code": "day", "name": "Day birds", "parent": str(parent.pk)}


class TestArchetypeDefinitionPage(AdminContract):
    model = ArchetypeDefinition
    duplicate_field = "code"
    edit = {"guidance": "Thank them first."}

    def make(self, tenant: Tenant) -> ArchetypeDefinition:
        level = TestArchetypeL1Page().make(tenant)
        return ArchetypeDefinition.objects.create(code=f"regular-{unique()}", name="Regulars", l1=level)

    def form(self, tenant: Tenant) -> dict[str, Any]:
        level = ArchetypeL1.objects.first() or TestArchetypeL1Page().make(tenant)
        return {"code": "friends", "name": "Friends", "l1": str(level.pk), "is_active": "on"}


class TestImportBatchPage(AdminContract):
    model = ImportBatch

    def make(self, tenant: Tenant) -> ImportBatch:
        return ImportBatch.objects.create(
            file_name="purchases.csv", file_hash=unique(), mapping_hash="m", status=ImportStatus.RUNNING
        )
