"""Processes of the apps as callers: a signed statement per request, good for the platform client's questions alone."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from django.core.signing import Signer
from django.test import Client
from pytest_django.fixtures import Settings

from platform_core.models import Customer
from shared.domains.service_secrets import find_service_secret, service_secret
from shared.platform_client import credentials
from shared.platform_client.credentials import ServiceCall, SignedRequest, sign_call
from shared.records import uuid7
from shared.session import Actor, acting
from shared.tenancy import lookup
from shared.tenancy.choices import TenantStatus
from shared.tenancy.models import Tenant, TenantDomain
from tests.bases.api import assert_problem
from tests.platform_core import factories

SEED = "seed of services"
ADA = Actor(kind="user", id=uuid7(), name="Ada Löwe", ip="10.0.0.7", user_agent="test")
SYNC = "/api/intelligence/customer/sync"


@pytest.fixture(autouse=True)
def platform(settings: Settings) -> None:
    """This process is the platform: it knows the seed."""
    settings.SERVICE_SECRET_SEED = SEED
    lookup._statuses.clear()


def call_of(tenant: Tenant, domain: str = "support", actor: Actor = ADA) -> ServiceCall:
    return ServiceCall(domain, tenant.id, actor, "request-1234")


def signed(
    call: ServiceCall, target: str, body: bytes = b"", *, method: str = "GET", secret: str = ""
) -> str:
    secret = secret or service_secret(SEED, call.domain)
    return sign_call(call, SignedRequest(method, target, body), secret)


def ask(target: str, header: str, *, method: str = "GET", body: bytes = b"", **headers: str) -> Any:
    sent = {"Authorization": header, **headers}
    return Client().generic(method, target, body, content_type="application/json", headers=sent)


@pytest.fixture
def summary(tenant: Tenant) -> str:
    """The address of a question about a customer of the tenant."""
    with acting(domain="platform", organization=tenant.id):
        return f"/api/platform/customers/{factories.make_customer().pk}/summary"


def test_a_process_asks_for_a_tenant_in_the_name_of_whoever_asked_it(tenant: Tenant, summary: str) -> None:
    for domain in ("support", "crm", "marketing"):
        assert ask(summary, signed(call_of(tenant, domain), summary)).status_code == 200


def test_the_actor_of_the_app_acts_at_the_platform(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    from platform_core.api.views import platform_client as views
    from shared.session import current

    seen: list[Any] = []
    real = views.find_or_create_customer
    monkeypatch.setattr(
        views, "find_or_create_customer", lambda **values: seen.append(current()) or real(**values)
    )
    body = b'{"email": "ada@example.com"}'
    header = signed(call_of(tenant), SYNC, body, method="POST")
    answer = ask(SYNC, header, method="POST", body=body, **{"X-Request-ID": "request-1234"})
    assert answer.status_code == 201, answer.content
    assert (seen[0].actor, seen[0].organization, seen[0].domain) == (ADA, tenant.id, "platform")
    assert seen[0].request_id == "request-1234"


def test_a_repeated_post_has_one_effect(tenant: Tenant) -> None:
    body = b'{"email": "ada@example.com"}'
    answers = [
        ask(SYNC, signed(call_of(tenant), SYNC, body, method="POST"), method="POST", body=body,
            **{"Idempotency-Key": "k"})
        for _ in range(2)
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def assert_unknown(answer: Any) -> None:
    assert "This service is not known here" in assert_problem(answer, 401)["detail"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda header: header.replace("support:", "crm:"),
        lambda header: header.replace("support:", "platform:"),
        lambda header: header.replace("support:", "nobody:"),
        lambda header: header.replace("support:", ""),
        lambda header: header[:-1] + ("A" if header[-1] != "A" else "B"),
        lambda header: header[:-44],
        lambda header: "Service",
        lambda header: "Service support:",
        lambda header: "Service support:e30:x",
        lambda header: "Service \u00ff:\u00ff",
    ],
)
def test_a_spoiled_statement_401(tenant: Tenant, summary: str, spoil: Any) -> None:
    assert_unknown(ask(summary, spoil(signed(call_of(tenant), summary))))


def test_another_domains_or_installations_secret_401(tenant: Tenant, summary: str) -> None:
    for secret in (service_secret(SEED, "crm"), service_secret("another", "support"), SEED, "x"):
        assert_unknown(ask(summary, signed(call_of(tenant), summary, secret=secret)))


def test_what_the_domains_secret_signed_for_another_purpose_401(tenant: Tenant, summary: str) -> None:
    token = Signer(key=service_secret(SEED, "support"), salt="another purpose").sign_object({"at": 0})
    assert_unknown(ask(summary, f"Service support:{token}"))


@pytest.mark.parametrize("moment", [-31, -3600, 31, 3600])
def test_an_old_or_a_future_statement_401(
    tenant: Tenant, summary: str, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    now = time.time()
    with monkeypatch.context() as patch:
        patch.setattr(credentials.time, "time", lambda: now + moment)
        header = signed(call_of(tenant), summary)
    assert_unknown(ask(summary, header))


def test_a_statement_holds_for_its_request_alone(tenant: Tenant, summary: str) -> None:
    header = signed(call_of(tenant), summary)
    assert_unknown(ask(summary.replace("/summary", "/may-contact"), header))
    assert_unknown(ask(f"{summary}?fields=name", header))
    assert_unknown(ask(summary, header, method="PATCH", body=b'{"name": "Eve"}'))
    body = b'{"email": "ada@example.com"}'
    header = signed(call_of(tenant), SYNC, body, method="POST")
    assert_unknown(ask(SYNC, header, method="POST", body=body.replace(b"ada", b"eve")))
    with acting(domain="platform", organization=tenant.id):
        assert not Customer.objects.filter(email="eve@example.com").exists()


def test_it_opens_no_other_door(tenant: Tenant, summary: str) -> None:
    administrator = replace(ADA, name="admin")
    for target in (
        "/api/platform/customers",
        summary.removesuffix("/summary"),
        "/api/platform/customer-profiles",
        "/api/support/tickets",
        "/api/crm/deals",
    ):
        header = signed(call_of(tenant, actor=administrator), target)
        assert_problem(ask(target, header), 401)
    page = ask("/admin/", signed(call_of(tenant, actor=administrator), "/admin/"))
    assert page.status_code == 302
    assert "login" in page.headers["Location"]


def test_the_tenant_must_exist_and_not_be_suspended(
    tenant: Tenant, other_tenant: Tenant, summary: str
) -> None:
    assert_unknown(ask(summary, signed(replace(call_of(tenant), organization=uuid7()), summary)))
    assert_problem(ask(summary, signed(call_of(other_tenant), summary)), 404)
    with acting(domain="platform", organization=tenant.id):
        Tenant.objects.filter(pk=tenant.pk).update(status=TenantStatus.SUSPENDED)
    problem = assert_problem(ask(summary, signed(call_of(tenant), summary)), 403)
    assert "suspended" in problem["detail"]


def test_another_tenants_hostname_401(tenant: Tenant, other_tenant: Tenant, summary: str) -> None:
    with acting(domain="platform", organization=other_tenant.id):
        TenantDomain.objects.create(tenant=other_tenant, domain="umbrella.example.com")
    assert_unknown(ask(summary, signed(call_of(tenant), summary), Host="umbrella.example.com"))


def test_verifying_asks_no_database(
    tenant: Tenant, summary: str, django_assert_num_queries: Any, settings: Settings
) -> None:
    ask(summary, signed(call_of(tenant), summary))
    header = signed(call_of(tenant), summary, secret="x")
    with django_assert_num_queries(0):
        assert_unknown(ask(summary, header))


def test_without_a_seed_nobody_is_known(tenant: Tenant, summary: str, settings: Settings) -> None:
    header = signed(call_of(tenant), summary)
    settings.SERVICE_SECRET_SEED = ""
    assert_unknown(ask(summary, header))


def test_a_process_knows_its_own_secret_alone(settings: Settings) -> None:
    settings.SERVICE_SECRET_SEED = ""
    settings.SERVICE_SECRETS = {"support": service_secret(SEED, "support"), "crm": ""}
    assert find_service_secret("support") == service_secret(SEED, "support")
    assert find_service_secret("crm") == ""
    assert find_service_secret("platform") == ""


def test_the_document_calls_it_internal() -> None:
    from drf_spectacular.generators import SchemaGenerator

    document = SchemaGenerator().get_schema(request=None, public=True)
    assert document["components"]["securitySchemes"]["Service"]["description"].startswith("Internal")
    taking = {
        path
        for path, operations in document["paths"].items()
        for name, operation in operations.items()
        if name != "parameters" and any("Service" in one for one in operation["security"])
    }
    assert taking == {
        "/api/platform/customers/by-email",
        "/api/platform/customers/{id}/summary",
        "/api/platform/customers/{id}/may-contact",
        "/api/intelligence/customer/{id}",
        "/api/intelligence/customer/sync",
        "/api/intelligence/analyze",
        "/api/intelligence/generate-message",
    }
