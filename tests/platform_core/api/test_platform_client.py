"""The platform client's endpoints as keys and staff use them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from django.test import Client

from platform_core.models import Customer
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.staff import make_staff, sign_in
from tests.platform_core import factories

BY_EMAIL = "/api/platform/customers/by-email"
SYNC = "/api/intelligence/customer/sync"
ANALYZE = "/api/intelligence/analyze"
DRAFT = "/api/intelligence/generate-message"
NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "platform:read", "platform:write")


@pytest.fixture
def customer(tenant: Tenant) -> Customer:
    with acting(domain="platform", organization=tenant.id):
        return factories.make_customer()


def questions(customer_id: object) -> list[tuple[str, str, Any]]:
    """Each endpoint with a good request: method, address, body."""
    at = f"/api/platform/customers/{customer_id}"
    return [
        ("GET", f"{at}/summary", None),
        ("PATCH", f"{at}/summary", {"name": "Countess"}),
        ("GET", f"{at}/may-contact?channel=email&purpose=service", None),
        ("GET", f"/api/intelligence/customer/{customer_id}", None),
        ("POST", ANALYZE, {"customer_id": str(customer_id)}),
        ("POST", DRAFT, {"customer_id": str(customer_id), "subject": "Hi", "question": "How?"}),
    ]


def test_each_answers_a_key_with_its_scope(customer: Customer, caller: ApiCaller, tenant: Tenant) -> None:
    others = [make_caller(tenant), make_caller(tenant, "support:read", "support:write")]
    for method, address, body in questions(customer.pk):
        assert caller.request(method, address, body).status_code == 200, address
        assert_problem(Client().generic(method, address, content_type="application/json"), 401)
        for other in others:
            assert_problem(other.request(method, address, body), 403)
        reader = make_caller(tenant, "platform:read")
        assert reader.request(method, address, body).status_code == (200 if method == "GET" else 403)


def test_another_tenants_customer_is_404_and_stays(
    customer: Customer, other_tenant: Tenant, tenant: Tenant
) -> None:
    stranger = make_caller(other_tenant, "platform:read", "platform:write")
    for customer_id in (customer.pk, uuid7()):
        for method, address, body in questions(customer_id):
            problem = assert_problem(stranger.request(method, address, body), 404)
            assert problem["type"] == "urn:trellis:problem:customer_not_found"
    assert_problem(stranger.get(f"{BY_EMAIL}?email={customer.email}"), 404)
    with acting(domain="platform", organization=tenant.id):
        assert Customer.objects.get().name == customer.name


def test_staff_ask_by_their_rights(tenant: Tenant, customer: Customer) -> None:
    for domains, status in (((), 200), (("crm",), 403)):
        client = sign_in(make_staff(tenant, role="user", domains=domains))
        client.cookies["csrftoken"] = token = "a" * 32
        for method, address, body in questions(customer.pk):
            sent = b"" if body is None else orjson.dumps(body)
            answer = client.generic(
                method, address, sent, content_type="application/json", headers={"X-CSRFToken": token}
            )
            assert answer.status_code == status, (method, address, answer.content)


def test_sync_creates_once_and_says_which(caller: ApiCaller) -> None:
    first = caller.post(SYNC, {"email": "Ada@example.com", "name": "Ada"})
    again = caller.post(SYNC, {"email": "ada@EXAMPLE.com", "name": "Another"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert caller.get(f"{BY_EMAIL}?email=ADA@example.com").json() == first.json()
    assert_problem(caller.get(f"{BY_EMAIL}?email=bob@example.com"), 404)


@pytest.mark.parametrize(
    ("method", "address", "body", "named"),
    [
        ("GET", BY_EMAIL, None, "email"),
        ("GET", f"{BY_EMAIL}?email=a@x.org&x=1", None, "x"),
        ("GET", f"/api/platform/customers/{NOBODY}/may-contact?channel=email", None, "purpose"),
        ("POST", SYNC, {}, "email"),
        ("POST", SYNC, {"email": 7}, "email"),
        ("POST", SYNC, {"email": "nobody"}, "email"),
        ("POST", SYNC, {"email": "ada@example.com", "account_tier": "enterprise"}, "account_tier"),
        ("POST", ANALYZE, {"customer_id": "7"}, "customer_id"),
        ("POST", DRAFT, {"customer_id": NOBODY, "subject": "Hi"}, "question"),
        ("POST", DRAFT, {"customer_id": NOBODY, "subject": "", "question": "", "passages": [1]}, "passages"),
        ("PATCH", f"/api/platform/customers/{NOBODY}/summary", {"email": "e@x.org"}, "email"),
        ("PATCH", f"/api/platform/customers/{NOBODY}/summary", {"name": None}, "name"),
    ],
    ids=str,
)  # fmt: skip
def test_bad_input_is_named(caller: ApiCaller, method: str, address: str, body: Any, named: str) -> None:
    problem = assert_problem(caller.request(method, address, body), 400)
    where = {str(e.get("field") or e.get("parameter")).partition(".")[0] for e in problem["errors"]}
    assert where == {named}
