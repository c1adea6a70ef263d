"""The platform's tables keep the promises of the kit."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

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
    CustomerRecord,
    ImportBatch,
    TimelineEntry,
)
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.models import ModelContract
from tests.platform_core import factories


class TestCompany(ModelContract):
    model = Company

    def make(self, tenant: Tenant) -> Any:
        return factories.make_company()


class TestCompanyMembership(ModelContract):
    model = CompanyMembership

    def make(self, tenant: Tenant) -> Any:
        return factories.make_membership()


class TestCustomer(ModelContract):
    model = Customer

    def make(self, tenant: Tenant) -> Any:
        return factories.make_customer(company=factories.make_company())

    def test_the_email_is_unique_in_any_case_among_the_living(self, tenant: Tenant) -> None:
        with acting(domain="platform", organization=tenant.id):
            first = factories.make_customer(email="Ada@Example.com")
            with pytest.raises(ValidationError) as refused:
                Customer(email=" ada@example.COM ".strip()).full_clean()
            assert list(refused.value.message_dict) == ["email"]
            with pytest.raises(IntegrityError, match="customers_email_key"), transaction.atomic():
                factories.make_customer(email="ada@example.com")
            first.soft_delete()
            factories.make_customer(email="ada@example.com")

    def test_many_customers_may_have_no_email(self, tenant: Tenant) -> None:
        with acting(domain="platform", organization=tenant.id):
            factories.make_customer(email="")
            factories.make_customer(email="")

    def test_two_tenants_may_know_the_same_person(self, tenant: Tenant, other_tenant: Tenant) -> None:
        for each in (tenant, other_tenant):
            with acting(domain="platform", organization=each.id):
                factories.make_customer(email="ada@example.com")


class TestCustomerIdentifier(ModelContract):
    model = CustomerIdentifier

    def make(self, tenant: Tenant) -> Any:
        return factories.make_identifier()

    def test_a_strong_kind_names_one_customer(self, tenant: Tenant) -> None:
        with acting(domain="platform", organization=tenant.id):
            factories.make_identifier(kind="external_id", value_norm="shop:x")
            with pytest.raises(IntegrityError, match="strong"), transaction.atomic():
                factories.make_identifier(kind="external_id", value_norm="shop:x")

    def test_a_household_may_share_a_phone(self, tenant: Tenant) -> None:
        with acting(domain="platform", organization=tenant.id):
            factories.make_identifier(kind="phone", value_norm="+4930123456")
            factories.make_identifier(kind="phone", value_norm="+4930123456")


class TestCustomerInteraction(ModelContract):
    model = CustomerInteraction

    def make(self, tenant: Tenant) -> Any:
        return factories.make_interaction()

    def test_references_stay_inside_the_tenant(self, tenant: Tenant, other_tenant: Tenant) -> None:
        other = self.made(other_tenant)
        with acting(domain="platform", organization=tenant.id):
            with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
                factories.make_interaction(customer=other.customer)

    def test_rows_of_every_partition_are_protected(self, tenant: Tenant, other_tenant: Tenant) -> None:
        old = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)
        with acting(domain="platform", organization=other_tenant.id):
            factories.make_interaction(occurred_at=old)
        with acting(domain="platform", organization=tenant.id), connection.cursor() as cursor:
            for table in ("customer_interactions", "customer_interactions_default"):
                cursor.execute(f"SELECT count(*) FROM platform.{table}")
                assert cursor.fetchone() == (0,), table

    def test_nothing_that_happened_can_be_changed(self, tenant: Tenant) -> None:
        row = self.made(tenant)
        with acting(domain="platform", organization=tenant.id):
            for act in (
                lambda: CustomerInteraction.objects.filter(pk=row.pk).update(channel="x"),
                lambda: CustomerInteraction.objects.filter(pk=row.pk).delete(),
            ):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    act()

    def test_what_a_source_tells_twice_is_recorded_once(self, tenant: Tenant) -> None:
        with acting(domain="platform", organization=tenant.id):
            told = {"source": "shop", "external_id": "1"}
            factories.make_interaction(**told)
            with pytest.raises(IntegrityError, match=r"import_key|extern"), transaction.atomic():
                factories.make_interaction(**told)


class TestCustomerProfile(ModelContract):
    model = CustomerProfile

    def make(self, tenant: Tenant) -> Any:
        return factories.make_profile()


class TestArchetypeL1(ModelContract):
    model = ArchetypeL1

    def make(self, tenant: Tenant) -> Any:
        return factories.make_l1()


class TestArchetypeL2(ModelContract):
    model = ArchetypeL2

    def make(self, tenant: Tenant) -> Any:
        return factories.make_l2()


class TestArchetypeL3(ModelContract):
    model = ArchetypeL3

    def make(self, tenant: Tenant) -> Any:
        return factories.make_l3()


class TestArchetypeDefinition(ModelContract):
    model = ArchetypeDefinition

    def make(self, tenant: Tenant) -> Any:
        return factories.make_definition()


class TestImportBatch(ModelContract):
    model = ImportBatch

    def make(self, tenant: Tenant) -> Any:
        return factories.make_import()


class TestCustomerRecord(ModelContract):
    model = CustomerRecord

    def make(self, tenant: Tenant) -> Any:
        return factories.make_record()


class TestTimelineEntry(ModelContract):
    model = TimelineEntry

    def make(self, tenant: Tenant) -> Any:
        return factories.make_entry()

    def test_references_stay_inside_the_tenant(self, tenant: Tenant, other_tenant: Tenant) -> None:
        other = self.made(other_tenant)
        with acting(domain="platform", organization=tenant.id):
            with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
                factories.make_entry(customer=other.customer)
