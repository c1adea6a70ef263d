"""Deals by amount and by expected close: what has none comes last, in either direction."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from crm.models import Deal
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.past import database_time
from tests.crm.factories import make_deal, make_pipeline

URL = "/api/crm/deals"
AMOUNTS = ["1200.00", None, "0", "99.99", None, "1200.00", "99999999999999.99", None]
DAYS = [3, 1, None, 2, None, 3, 1, None]


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "crm:read", "crm:write")


@pytest.fixture
def deals(tenant: Tenant, other_tenant: Tenant) -> list[Deal]:
    for owner in (other_tenant, tenant):
        with acting(domain="crm", organization=owner.id):
            pipeline = make_pipeline()
            made = [
                make_deal(
                    pipeline,
                    amount=None if amount is None else Decimal(amount),
                    expected_close=None if day is None else dt.date(2027, 1, day),
                )
                for amount, day in zip(AMOUNTS, DAYS, strict=True)
            ]
    return made


def expected(name: str, deals: list[Deal]) -> list[str]:
    column, down = name.lstrip("-"), name.startswith("-")
    having = [d for d in deals if getattr(d, column) is not None]
    having.sort(key=lambda d: (getattr(d, column), d.pk), reverse=down)
    rest = sorted((d for d in deals if getattr(d, column) is None), key=lambda d: d.pk, reverse=down)
    return [str(d.pk) for d in (*having, *rest)]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("name", ["amount", "-amount", "expected_close", "-expected_close"])
def test_pages_there_and_back(caller: ApiCaller, deals: list[Deal], name: str, limit: int) -> None:
    following: Any = f"{URL}?ordering={name}&limit={limit}"
    pages = []
    while following:
        page = caller.get(following).json()
        pages.append([row["id"] for row in page["results"]])
        previous, following = page["previous"], page["next"]
    assert [id for page in pages for id in page] == expected(name, deals)
    back = [pages[-1]]
    while previous:
        page = caller.get(previous).json()
        back.insert(0, [row["id"] for row in page["results"]])
        previous = page["previous"]
    assert [id for page in back for id in page] == expected(name, deals)


def test_an_amount_that_changes_changes_its_place(
    tenant: Tenant, caller: ApiCaller, deals: list[Deal]
) -> None:
    with acting(domain="crm", organization=tenant.id):
        Deal.objects.filter(pk=deals[1].pk).update(amount="5")
        Deal.objects.filter(pk=deals[0].pk).update(amount=None)
        for deal in deals:
            deal.refresh_from_db()
    found = [row["id"] for row in caller.get(f"{URL}?ordering=-amount").json()["results"]]
    assert found == expected("-amount", deals)


def test_an_order_goes_with_filters(caller: ApiCaller, deals: list[Deal]) -> None:
    query = f"{URL}?ordering=-amount&expected_close__gte=2027-01-03"
    assert [row["amount"] for row in caller.get(query).json()["results"]] == ["1200.00", "1200.00"]


@pytest.mark.parametrize("name", ["amount", "-amount", "expected_close", "-expected_close"])
def test_an_order_of_the_past_is_that_of_then(
    tenant: Tenant, caller: ApiCaller, deals: list[Deal], name: str
) -> None:
    at = database_time()
    with acting(domain="crm", organization=tenant.id):
        Deal.objects.update(amount=Decimal(7), expected_close=None)
    page = caller.get(f"{URL}?ordering={name}&as_of={at}").json()
    assert [row["id"] for row in page["results"]] == expected(name, deals)
