"""Deals by API: golden customers, moves, expansions, filters."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import CustomerReference, Deal
from crm.services.pipeline import create_pipeline
from platform_core.client import InProcessPlatformClient
from shared.platform_client import PlatformUnavailable
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.crm import factories
from tests.crm.golden import make_customer

URL = "/api/crm/deals"


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "crm:read", "crm:write")


@pytest.fixture
def stages(tenant: Tenant) -> dict[str, str]:
    """Identifiers of the default pipeline's stages by their names."""
    with acting(domain="crm", organization=tenant.id):
        pipeline = create_pipeline(name="Sales")
        return {stage.name: str(stage.pk) for stage in pipeline.stages.all()}


def opened(caller: ApiCaller, **fields: Any) -> dict[str, Any]:
    answer = caller.post(URL, {"name": "Ten looms", "amount": "1200.00", **fields})
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.usefixtures("stages")
def test_a_deal_takes_customer_and_company_from_the_golden_record(tenant: Tenant, caller: ApiCaller) -> None:
    customer = make_customer(tenant)
    deal = opened(caller, customer_id=customer)
    assert deal["customer_id"] == customer
    assert deal["company_name"].startswith("Looms")
    assert deal["amount"] == "1200.00"
    with acting(domain="crm", organization=tenant.id):
        assert CustomerReference.objects.get().name == "Ada"
    shown = caller.get(f"{URL}/{deal['id']}?expand=customer,stage,pipeline,owner,stage_history").json()
    assert shown["customer"]["name"] == "Ada"
    assert shown["stage"]["name"] == "Qualification"
    assert shown["owner"] is None
    assert [stay["left_at"] for stay in shown["stage_history"]] == [None]


@pytest.mark.usefixtures("stages")
def test_a_customer_who_is_not_the_tenants_is_named_and_nothing_is_written(
    tenant: Tenant, other_tenant: Tenant, caller: ApiCaller
) -> None:
    for customer in (str(uuid.uuid4()), make_customer(other_tenant)):
        problem = assert_problem(caller.post(URL, {"name": "x", "customer_id": customer}), 400)
        assert [e["field"] for e in problem["errors"]] == ["customer_id"]
    with acting(domain="crm", organization=tenant.id):
        assert not Deal.objects.exists()
        assert not CustomerReference.objects.exists()


@pytest.mark.usefixtures("stages")
def test_without_the_platform_a_known_customer_is_served_and_an_unknown_one_is_not(
    tenant: Tenant, caller: ApiCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, unknown = make_customer(tenant), make_customer(tenant)
    opened(caller, customer_id=known)

    def down(self: Any, customer_id: uuid.UUID) -> None:
        raise PlatformUnavailable()

    monkeypatch.setattr(InProcessPlatformClient, "get_customer", down)
    assert opened(caller, customer_id=known)["customer_id"] == known
    problem = assert_problem(caller.post(URL, {"name": "x", "customer_id": unknown}), 503)
    assert problem["detail"].startswith("The platform does not answer")


def test_moving_a_deal_to_its_end(caller: ApiCaller, stages: dict[str, str]) -> None:
    deal = opened(caller)
    move = f"{URL}/{deal['id']}/move"
    blocked = assert_problem(caller.post(move, {"stage_id": stages["Negotiation"]}), 409)
    assert {e["field"] for e in blocked["errors"]} == {"expected_close"}
    unreasoned = assert_problem(caller.post(move, {"stage_id": stages["Lost"]}), 400)
    assert {e["field"] for e in unreasoned["errors"]} == {"loss_reason"}
    lost = caller.post(move, {"stage_id": stages["Lost"], "loss_reason": "Too dear"}).json()
    assert (lost["status"], lost["loss_reason"]) == ("lost", "Too dear")
    assert lost["closed_at"] is not None
    closed = assert_problem(caller.post(move, {"stage_id": stages["Won"]}), 409)
    assert stages["Qualification"] in closed["allowed"]
    assert caller.get(f"{URL}/{deal['id']}").json() == lost, "a refused move changes nothing"
    activities = caller.get(f"/api/crm/activities?deal={deal['id']}").json()["results"]
    assert [a["type"] for a in activities] == ["deal_lost"]


def test_a_move_needs_the_newest_version(caller: ApiCaller, stages: dict[str, str]) -> None:
    deal = opened(caller)
    address = f"{URL}/{deal['id']}"
    etag = caller.get(address).headers["ETag"]
    assert caller.patch(address, {"name": "Eleven looms"}).status_code == 200
    answer = caller.post(f"{address}/move", {"stage_id": stages["Proposal"]}, if_match=etag)
    assert_problem(answer, 412)


def test_a_move_to_another_tenants_stage_is_refused(
    caller: ApiCaller, other_tenant: Tenant, stages: dict[str, str]
) -> None:
    with acting(domain="crm", organization=other_tenant.id):
        foreign = factories.make_stage()
    deal = opened(caller)
    problem = assert_problem(caller.post(f"{URL}/{deal['id']}/move", {"stage_id": str(foreign.pk)}), 400)
    assert {e["field"] for e in problem["errors"]} == {"stage_id"}


def test_lists_are_filtered(tenant: Tenant, caller: ApiCaller, stages: dict[str, str]) -> None:
    customer = make_customer(tenant)
    first = opened(caller, customer_id=customer, name="Looms for Ada")
    second = opened(caller, stage_id=stages["Proposal"])
    for query, expected in (
        (f"customer={customer}", first),
        (f"stage={stages['Proposal']}", second),
        ("name=looms%20FOR", first),
        (f"company_id={first['company_id']}", first),
    ):
        listed = caller.get(f"{URL}?status=open&{query}").json()["results"]
        assert [deal["id"] for deal in listed] == [expected["id"]], query


def test_a_list_is_one_query_inside_its_unit(tenant: Tenant, caller: ApiCaller) -> None:
    with acting(domain="crm", organization=tenant.id):
        pipeline = factories.make_pipeline()
        for _ in range(3):
            factories.make_deal(pipeline, customer=factories.make_reference())
    caller.get(URL)
    with CaptureQueriesContext(connection) as captured:
        assert caller.get(f"{URL}?expand=customer,stage,pipeline,owner").status_code == 200
    reads = [q["sql"] for q in captured if 'FROM "crm"."deals"' in q["sql"]]
    assert len(reads) == 1
