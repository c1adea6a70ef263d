"""Many rows, each with values of its own: as Django's bulk_update, in one statement."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError, connection, models
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext

from crm.choices import DealStatus
from crm.models import Deal
from crm.services.pipeline import create_pipeline
from platform_core.models import Company, Customer
from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import Ticket


@pytest.fixture
def customers(tenant: Tenant) -> list[Customer]:
    with acting(domain="platform", organization=tenant.id):
        return Customer.objects.bulk_create([Customer(name=f"Customer {n}") for n in range(7)])


def test_each_row_gets_its_own_values_in_one_statement(tenant: Tenant, customers: list[Customer]) -> None:
    with acting(domain="platform", organization=tenant.id):
        company = Company.objects.create(name="Acme")
        for number, row in enumerate(customers):
            row.name = f"Näme {number}, \\ 'quoted' {{}}"
            row.company = company if number % 2 else None
            row.crm_id = None if number == 3 else f"crm-{number}"
            row.custom_fields = {"a": [number, None, "x'"], "b": {"c": number}} if number else {}
            row.deleted_at = dt.datetime(2026, 1, 1 + number, tzinfo=dt.UTC) if number == 5 else None
        names = ["name", "company", "crm_id", "custom_fields", "deleted_at"]
        with CaptureQueriesContext(connection) as asked:
            assert Customer.objects.bulk_update(customers, names) == 7
        assert len([q for q in asked if "UPDATE" in q["sql"]]) == 1
        for row in customers:
            found = Customer.all_objects.get(pk=row.pk)
            assert {n: getattr(found, n) for n in (*names, "company_id")} == {
                n: getattr(row, n) for n in (*names, "company_id")
            }
            assert found.version == 2
            assert found.history.count() == 2


def test_batches_filters_and_nothing(tenant: Tenant, customers: list[Customer]) -> None:
    with acting(domain="platform", organization=tenant.id):
        for row in customers:
            row.name = "Same"
        with CaptureQueriesContext(connection) as asked:
            assert Customer.objects.bulk_update(customers, ["name"], batch_size=3) == 7
        assert len([q for q in asked if "UPDATE" in q["sql"]]) == 3
        for row in customers:
            row.name = "Other"
        assert Customer.objects.filter(pk=customers[0].pk).bulk_update(customers, ["name"]) == 1
        assert Customer.objects.filter(name="Other").count() == 1
        assert Customer.objects.bulk_update([], ["name"]) == 0


def test_another_tenants_rows_are_not_reached(
    tenant: Tenant, other_tenant: Tenant, customers: list[Customer]
) -> None:
    with acting(domain="platform", organization=other_tenant.id):
        for row in customers:
            row.name = "Taken"
        assert Customer.objects.bulk_update(customers, ["name"]) == 0
    with acting(domain="platform", organization=tenant.id):
        assert not Customer.objects.filter(name="Taken").exists()


def test_what_does_not_fit_is_refused_and_not_cut(tenant: Tenant, customers: list[Customer]) -> None:
    with acting(domain="platform", organization=tenant.id):
        customers[0].name = "x" * 201
        with pytest.raises(DataError, match="too long"):
            Customer.objects.bulk_update(customers, ["name"])


def test_decimals_dates_and_choices(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.id):
        stage = create_pipeline(name="Sales").stages.first()
        deals = [Deal(name=f"Deal {n}", pipeline=stage.pipeline, stage=stage) for n in range(3)]
        Deal.objects.bulk_create(deals)
        for number, deal in enumerate(deals):
            deal.amount = Decimal("10.50") * number
            deal.expected_close = dt.date(2026, 12, 1 + number)
            deal.status = DealStatus.LOST
            deal.loss_reason = "price"
            deal.closed_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        assert (
            Deal.objects.bulk_update(
                deals, ["amount", "expected_close", "status", "loss_reason", "closed_at"]
            )
            == 3
        )
        found = list(Deal.objects.order_by("name").values_list("amount", "expected_close", "status"))
        assert found == [(Decimal("10.50") * n, dt.date(2026, 12, 1 + n), "lost") for n in range(3)]


def test_what_arrays_cannot_say_is_left_to_django(tenant: Tenant, customers: list[Customer]) -> None:
    with acting(domain="platform", organization=tenant.id):
        customers[0].name = Upper(models.Value("loud"))  # type: ignore[assignment]
        customers[1].name = "quiet"
        assert Customer.objects.bulk_update(customers[:2], ["name"]) == 2
        assert set(Customer.objects.filter(pk__in=[c.pk for c in customers[:2]]).values_list("name", flat=True)) == {
            "LOUD", "quiet",
        }  # fmt: skip
        with pytest.raises(ValueError, match="primary key"):
            Customer.objects.bulk_update(customers, ["id"])
        with pytest.raises(FieldDoesNotExist):
            Customer.objects.bulk_update(customers, ["nothing"])
        with pytest.raises(ValueError, match="primary key"):
            Customer.objects.bulk_update([Customer(id=None, name="x")], ["name"])
    with acting(domain="support", organization=tenant.id):
        ticket = Ticket(number=1, subject="Tags", id=uuid.uuid4())
        Ticket.objects.bulk_create([ticket])
        ticket.tags = ["a", "b"]
        assert Ticket.objects.bulk_update([ticket], ["tags"]) == 1
        tagged: Any = Ticket.objects.get()
        assert tagged.tags == ["a", "b"]
