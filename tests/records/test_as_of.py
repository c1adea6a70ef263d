"""Reading the past: queries, relations, joins, subqueries; and what cannot be asked of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Sum
from django.utils import timezone

from crm.models import Deal
from platform_core.models import Company, Customer
from shared.records.versions.past import PastIsFixedError, PastMomentError
from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import Ticket


@pytest.fixture
def unit(tenant: Tenant) -> Iterator[Tenant]:
    with acting(domain="platform", organization=tenant.id):
        yield tenant


def now_there() -> dt.datetime:
    """The server's clock: versions go by it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


@pytest.fixture
def moved(unit: Tenant) -> tuple[Customer, dt.datetime]:
    """Ada worked at Old, which is now called New; she works elsewhere now. The moment was before all this."""
    old = Company.objects.create(name="Old")
    ada = Customer.objects.create(email="ada@example.com", name="Ada", company=old)
    moment = now_there()
    Company.objects.filter(pk=old.pk).update(name="New")
    ada.company = Company.objects.create(name="Elsewhere")
    ada.name = "Ada L."
    ada.save()
    return ada, moment


def test_relations_follow_to_the_same_moment(moved: tuple[Customer, dt.datetime]) -> None:
    ada, moment = moved
    then = Customer.objects.as_of(moment).get(pk=ada.pk)
    assert (then.name, then.company.name) == ("Ada", "Old")
    joined = Customer.objects.as_of(moment).select_related("company").get(pk=ada.pk)
    assert joined.company.name == "Old"
    assert [c.name for c in joined.company.customers.all()] == ["Ada"]
    (fetched,) = Customer.objects.as_of(moment).filter(pk=ada.pk).prefetch_related("company")
    assert fetched.company.name == "Old"
    (company,) = Company.objects.as_of(moment).filter(name="Old").prefetch_related("customers")
    assert [c.name for c in company.customers.all()] == ["Ada"]
    assert Customer.objects.get(pk=ada.pk).company.name == "Elsewhere"


def test_conditions_aggregates_and_subqueries_are_of_the_moment(moved: tuple[Customer, dt.datetime]) -> None:
    ada, moment = moved
    past = Customer.objects.as_of(moment)
    assert past.filter(company__name="Old").count() == 1
    assert not past.filter(company__name="New").exists()
    employed = Company.objects.as_of(moment).annotate(
        some=Exists(Customer.objects.filter(company=OuterRef("pk")))
    )
    assert [(c.name, c.some) for c in employed] == [("Old", True)]
    counted = Company.objects.as_of(moment).annotate(heads=Count("customers")).values_list("name", "heads")
    assert list(counted) == [("Old", 1)]
    both = past.filter(name="Ada").union(past.filter(name="Nobody"))
    assert [c.name for c in both] == ["Ada"]
    assert "tickets" not in past.explain()
    assert past.values_list("name", flat=True).get(pk=ada.pk) == "Ada"


def test_a_unit_looks_back_as_a_whole(moved: tuple[Customer, dt.datetime]) -> None:
    ada, moment = moved
    with acting(as_of=moment):
        then = Customer.objects.get(pk=ada.pk)
        assert (then.name, then.company.name) == ("Ada", "Old")
        assert Company.objects.count() == 1
        with pytest.raises(PastIsFixedError), transaction.atomic():
            Customer.objects.update(name="Forged")
        with pytest.raises(PastIsFixedError), transaction.atomic():
            Company.objects.create(name="Forged")
    assert Customer.objects.get(pk=ada.pk).name == "Ada L."


def test_what_was_cannot_be_changed(moved: tuple[Customer, dt.datetime]) -> None:
    ada, moment = moved
    then = Customer.objects.as_of(moment).get(pk=ada.pk)
    for act in (then.save, then.delete, then.soft_delete, then.restore):
        with pytest.raises(PastIsFixedError), transaction.atomic():
            act()
    with pytest.raises(PastIsFixedError), transaction.atomic():
        Customer.objects.as_of(moment).update(name="Forged")
    with pytest.raises(PastIsFixedError), transaction.atomic():
        Customer.objects.as_of(moment).delete()
    with pytest.raises(PastIsFixedError), transaction.atomic():
        Customer.objects.as_of(moment).select_for_update().first()
    then.refresh_from_db()
    assert then.name == "Ada"


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (dt.datetime(2026, 5, 1, 12), "time zone"),
        (timezone.now() + dt.timedelta(days=1), "future"),
        ("2026-05-01", "date and a time"),
    ],
)
def test_moments_that_cannot_be_read_of(moment: dt.datetime, said: str) -> None:
    with pytest.raises(PastMomentError, match=said):
        Customer.objects.as_of(moment)


def test_a_tenants_past_is_its_own(moved: tuple[Customer, dt.datetime], other_tenant: Tenant) -> None:
    _, moment = moved
    with acting(domain="platform", organization=other_tenant.id):
        assert not Customer.objects.as_of(moment).exists()
        assert not Customer._base_manager.all().filter(company__name="Old").exists()


def test_another_domain_sees_of_the_past_what_it_sees_today(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.id):
        moment = now_there()
        assert Deal.objects.as_of(moment).aggregate(total=Sum("amount"))["total"] in (None, Decimal(0))
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            list(Ticket.objects.as_of(moment))
