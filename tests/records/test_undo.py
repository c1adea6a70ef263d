"""Undo: all of it or nothing, conflicts named, rights asked, itself history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from platform_core.models import Company, Customer, CustomerIdentifier
from shared.errors import Conflict, Forbidden, NotFound
from shared.records.versions.undo import Plan, plan_restore, plan_undo_of_request, plan_undo_of_version
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.bases.callers import make_caller
from tests.bases.history import versions_of
from tests.bases.values import assert_problem
from tests.platform_core.factories import make_identifier


@pytest.fixture
def unit(tenant: Tenant) -> Iterator[Tenant]:
    with acting(domain="platform", organization=tenant.id):
        yield tenant


def anything(model: Any, verb: str) -> bool:
    return True


def request(name: str) -> Any:
    return acting(request_id=f"request-{name}")


def undo_request(name: str) -> int:
    return plan_undo_of_request(f"request-{name}", domain="platform").carry_out(anything)


def test_one_change_is_undone_and_later_ones_of_other_fields_stay(unit: Tenant) -> None:
    company = Company.objects.create(name="Old", industry="trade")
    company.name = "New"
    company.save()
    company.industry = "crafts"
    company.save()
    plan_undo_of_version(company, 2).carry_out(anything)
    company.refresh_from_db()
    assert (company.name, company.industry, company.version) == ("Old", "crafts", 4)
    assert versions_of(company)[-1].history_change_reason == "undo of version 2"


def test_a_later_change_of_the_same_field_is_a_conflict_and_nothing_is_done(unit: Tenant) -> None:
    with request("both"):
        first = Company.objects.create(name="First")
        second = Company.objects.create(name="Second")
    with request("rename"):
        Company.objects.filter(pk__in=(first.pk, second.pk)).update(industry="trade")
    Company.objects.filter(pk=second.pk).update(industry="crafts")
    with pytest.raises(Conflict) as refused:
        undo_request("rename")
    (conflict,) = refused.value.extra["conflicts"]
    assert (conflict["id"], conflict["field"], conflict["left"], conflict["now"]) == (
        str(second.pk), "industry", "trade", "crafts",
    )  # fmt: skip
    assert Company.objects.get(pk=first.pk).industry == "trade"


def test_a_request_is_undone_in_all_its_records(unit: Tenant) -> None:
    old = Company.objects.create(name="Old")
    gone = Company.objects.create(name="Gone")
    with request("all"):
        made = Company.objects.create(name="Made")
        customer = Customer.objects.create(email="undo@example.com", name="New", company=made)
        Company.objects.filter(pk=old.pk).update(name="Changed", custom_fields={})
        Company.objects.filter(pk=old.pk).update(country="DE")
        gone.soft_delete()
    with request("undo"):
        assert undo_request("all") == 4
    assert not Company.objects.filter(pk=made.pk).exists()
    assert not Customer.objects.filter(pk=customer.pk).exists()
    assert Company.objects.get(pk=gone.pk).name == "Gone"
    back = Company.objects.get(pk=old.pk)
    assert (back.name, back.country) == ("Old", "")
    with request("redo"):
        assert undo_request("undo") == 4, "an undo is a request like others"
    assert Company.objects.get(pk=made.pk).name == "Made"
    assert not Company.objects.filter(pk=gone.pk).exists()


def test_what_came_later_and_would_go_along_is_a_conflict(unit: Tenant) -> None:
    with request("birth"):
        customer = Customer.objects.create(email="born@example.com", name="Born")
        known = CustomerIdentifier.objects.create(customer=customer, kind="phone", value="1", value_norm="1")
    later = make_identifier(customer=customer)
    with pytest.raises(Conflict) as refused:
        undo_request("birth")
    (conflict,) = refused.value.extra["conflicts"]
    assert (conflict["id"], conflict["now"]) == (str(customer.pk), "1 made since")
    later.soft_delete()
    assert undo_request("birth") == 2, "and what is deleted since is in nobody's way"
    assert not CustomerIdentifier.objects.filter(pk=known.pk).exists()


def test_many_records_are_written_by_the_thousand(unit: Tenant) -> None:
    companies = [Company.objects.create(name=f"Old {n}") for n in range(5)]
    with request("many"):
        Company.objects.update(industry="trade")
        Company.objects.filter(pk=companies[0].pk).update(country="DE")
    with CaptureQueriesContext(connection) as captured:
        assert undo_request("many") == 5
    updates = [q for q in captured.captured_queries if q["sql"].startswith("UPDATE")]
    assert len(updates) == 2, "one for each set of fields"
    assert {(c.industry, c.country, c.version) for c in Company.objects.all()} == {("", "", 3), ("", "", 4)}


def test_what_is_undone_already_is_not_done_twice(unit: Tenant) -> None:
    company = Company.objects.create(name="Old")
    with request("once"):
        Company.objects.filter(pk=company.pk).update(name="New")
    assert undo_request("once") == 1
    assert undo_request("once") == 0
    with pytest.raises(NotFound):
        undo_request("never-heard-of")


def test_back_to_a_former_version_whatever_came_after(unit: Tenant) -> None:
    company = Company.objects.create(name="One", country="FR")
    Company.objects.filter(pk=company.pk).update(name="Two")
    Company.objects.filter(pk=company.pk).update(country="DE")
    company.refresh_from_db()
    company.soft_delete()
    plan_restore(company, 1).carry_out(anything)
    back = Company.objects.get(pk=company.pk)
    assert (back.name, back.country) == ("One", "FR")
    with pytest.raises(NotFound):
        plan_restore(back, 99)


def test_rights_are_asked_for_every_kind(unit: Tenant) -> None:
    with request("mixed"):
        company = Company.objects.create(name="Made")
        Customer.objects.create(email="rights@example.com", name="Made", company=company)
    plan = plan_undo_of_request("request-mixed", domain="platform")
    with pytest.raises(Forbidden, match="customers"):
        plan.carry_out(lambda model, verb: model is Company)
    assert Company.objects.filter(pk=company.pk).exists()


def test_a_value_that_another_record_has_taken_refuses_all(unit: Tenant) -> None:
    company = Company.objects.create(name="Wanted")
    with request("free"):
        Company.objects.filter(pk=company.pk).update(name="Freed")
    Company.objects.create(name="Wanted")
    with pytest.raises(Exception, match="companies_name_key"), transaction.atomic():
        undo_request("free")
    assert isinstance(plan_undo_of_version(Company.objects.get(pk=company.pk), 2), Plan)


def test_a_request_is_undone_over_the_api(tenant: Tenant, other_tenant: Tenant) -> None:
    caller = make_caller(tenant, "platform:read", "platform:write")
    made = caller.request(
        "POST", "/api/platform/companies", {"name": "Over the API"}, x_request_id="request-of-api"
    )
    assert made.status_code == 201
    reader = make_caller(tenant, "platform:read")
    assert_problem(reader.post("/api/platform/undo", {"request_id": "request-of-api"}), 403)
    stranger = make_caller(other_tenant, "platform:read", "platform:write")
    assert_problem(stranger.post("/api/platform/undo", {"request_id": "request-of-api"}), 404)
    for bad in (
        {},
        {"request_id": ""},
        {"request_id": "x y"},
        {"request_id": 7},
        {"request": "request-of-api"},
    ):
        assert_problem(caller.post("/api/platform/undo", bad), 400)
    assert caller.post("/api/platform/undo", {"request_id": "request-of-api"}).json() == {"records": 1}
    assert_problem(caller.get(f"/api/platform/companies/{made.json()['id']}"), 404)


def test_a_key_is_told_no_values_of_custom_fields(unit: Tenant) -> None:
    company = Company.objects.create(name="Secretive")
    Company.objects.filter(pk=company.pk).update(custom_fields={"internal": "one"})
    Company.objects.filter(pk=company.pk).update(custom_fields={"internal": "two"})
    company.refresh_from_db()
    for kind, told in (("user", {"left", "now"}), ("key", set())):
        with acting(actor=Actor(kind=kind)), pytest.raises(Conflict) as refused:  # type: ignore[arg-type]
            plan_undo_of_version(company, 2).carry_out(anything)
        (conflict,) = refused.value.extra["conflicts"]
        assert conflict["field"] == "custom_fields.internal"
        assert conflict.keys() & {"left", "now"} == told
    assert Company.objects.get(pk=company.pk).custom_fields == {"internal": "two"}
