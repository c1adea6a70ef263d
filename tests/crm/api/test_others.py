"""Pipelines, contacts and activities by API, where they differ from the contract."""

from __future__ import annotations

import pytest

from shared.tenancy.models import Tenant
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.crm.golden import make_customer


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "crm:read", "crm:write")


def test_a_pipeline_comes_with_its_stages(caller: ApiCaller) -> None:
    made = caller.post("/api/crm/pipelines", {"name": "Sales"}).json()
    assert made["is_default"] is True
    shown = caller.get(f"/api/crm/pipelines/{made['id']}?expand=stages").json()
    assert [stage["position"] for stage in shown["stages"]] == [0, 1, 2, 3, 4, 5]
    twice = assert_problem(caller.post("/api/crm/pipelines", {"name": " SALES "}), 409)
    assert [e["field"] for e in twice["errors"]] == ["name"]
    odd = {"name": "Odd", "stages": [{"name": "Talk", "colour": "red"}]}
    assert_problem(caller.post("/api/crm/pipelines", odd), 400)


def test_a_stage_in_use_is_not_deleted(caller: ApiCaller) -> None:
    caller.post("/api/crm/pipelines", {"name": "Sales"})
    deal = caller.post("/api/crm/deals", {"name": "Looms"}).json()
    problem = assert_problem(caller.delete(f"/api/crm/stages/{deal['stage_id']}"), 409)
    assert "Qualification" in problem["detail"]


def test_a_contact_is_at_the_customers_company_once(tenant: Tenant, caller: ApiCaller) -> None:
    customer = make_customer(tenant)
    made = caller.post("/api/crm/contacts", {"customer_id": customer, "role_title": "Buyer"}).json()
    assert made["company_name"].startswith("Looms")
    assert_problem(caller.post("/api/crm/contacts", {"customer_id": customer}), 409)
    listed = caller.get(f"/api/crm/contacts?company_id={made['company_id']}").json()["results"]
    assert [contact["customer_id"] for contact in listed] == [customer]
    homeless = make_customer(tenant, company_id=None)
    problem = assert_problem(caller.post("/api/crm/contacts", {"customer_id": homeless}), 400)
    assert [e["field"] for e in problem["errors"]] == ["customer_id"]


def test_tasks_are_completed_and_nothing_else(caller: ApiCaller) -> None:
    url = "/api/crm/activities"
    task = {"type": "task", "description": "Call Ada", "due_at": "2027-01-01T09:00:00Z"}
    made = caller.post(url, task).json()
    done = caller.post(f"{url}/{made['id']}/complete")
    assert done.status_code == 200
    assert done.json()["done_at"] is not None
    assert caller.get(f"{url}?done_at__isnull=true").json()["results"] == []
    note = caller.post(url, {"type": "note", "description": "Met"}).json()
    assert_problem(caller.post(f"{url}/{note['id']}/complete"), 409)
    for body in ({**task, "type": "deal_won"}, {**task, "type": "note"}, {"type": "note"}):
        assert_problem(caller.post(url, body), 400)
