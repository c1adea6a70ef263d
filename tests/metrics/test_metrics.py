"""/metrics: what it says, and to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from shared.metrics.requests import domain_of_path
from shared.platform_client import PlatformUnavailable, platform_client
from shared.records import uuid7
from shared.tenancy.models import Tenant
from tests.bases.callers import make_caller
from tests.platform_client.conftest import ask_over_http
from tests.platform_client.servers import platform_server, stopped_server


def figures(**headers: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    lines = (line for line in answer.content.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def grown(before: dict[str, float], name: str) -> float:
    return figures().get(name, 0) - before.get(name, 0)


def test_requests_are_counted_by_domain_and_status(tenant: Tenant) -> None:
    before = figures()
    caller = make_caller(tenant, "support:read")
    caller.get("/api/support/tickets")
    caller.get("/api/intelligence/customer/x")
    caller.request("FROBNICATE", "/api/support/tickets")
    name = "trellis_http_requests_total"
    assert grown(before, f'{name}{{domain="support",method="GET",status="200"}}') == 1
    assert grown(before, f'{name}{{domain="platform",method="GET",status="404"}}') == 1
    assert grown(before, f'{name}{{domain="support",method="other",status="403"}}') == 1
    assert grown(before, 'trellis_http_request_seconds_count{domain="support"}') == 2


@pytest.mark.parametrize(
    ("path", "domain"),
    [
        ("/api/crm/deals", "crm"),
        ("/api/intelligence/analyze", "platform"),
        ("/admin/support/ticket/", "backoffice"),
        ("/api/nobody/x", "other"),
        ("/", "other"),
        ("/anything/at/all", "other"),
    ],
)
def test_addresses_fall_into_a_few_kinds(path: str, domain: str) -> None:
    assert domain_of_path(path) == domain


def test_calls_of_the_platform_client_are_counted_and_timed(
    committed: Callable[[str], Tenant], settings: Settings
) -> None:
    tenant = committed("Acme")
    calls = "trellis_platform_calls_total"
    before = figures()
    with platform_server() as url:
        ask_over_http(settings, url)
        settings.PLATFORM_TIMEOUT = 10
        client = platform_client(organization=tenant.id, domain="support")
        made = client.find_or_create_customer(email="ada@example.com")
        client.get_customer(made.id)
        client.get_customer(made.id)
        with pytest.raises(Exception, match="no such customer"):
            client.get_customer(uuid7())
    assert grown(before, f'{calls}{{method="get_customer",outcome="ok"}}') == 2
    assert grown(before, f'{calls}{{method="get_customer",outcome="refused"}}') == 1
    assert grown(before, 'trellis_platform_call_seconds_count{method="get_customer"}') == 3
    assert grown(before, 'trellis_platform_cache_total{method="get_customer",result="hit"}') == 1
    assert grown(before, 'trellis_platform_cache_total{method="get_customer",result="miss"}') == 2
    with stopped_server() as url:
        ask_over_http(settings, url)
        client = platform_client(organization=tenant.id, domain="support")
        for _ in range(6):
            with pytest.raises(PlatformUnavailable):
                client.get_customer(uuid7())
    assert grown(before, f'{calls}{{method="get_customer",outcome="connect"}}') == 5
    assert grown(before, f'{calls}{{method="get_customer",outcome="open"}}') == 1
    assert grown(before, 'trellis_platform_retries_total{method="get_customer"}') >= 5
    assert figures()["trellis_platform_breaker_state"] == 2


def test_nothing_in_it_names_a_tenant_or_a_person(
    committed: Callable[[str], Tenant], settings: Settings
) -> None:
    tenant = committed("Verysecret")
    caller = make_caller(tenant, "support:read", "support:write")
    body = {"subject": "Help", "customer_email": "ada.verysecret@example.com"}
    assert caller.post("/api/support/tickets", body).status_code == 201
    text = Client().get("/metrics").content.decode().lower()
    assert "verysecret" not in text
    assert re.search(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{32}", text) is None
    labels = set(re.findall(r"[{,](\w+)=", text)) - {"le", "generation"}
    assert labels <= {"method", "outcome", "result", "domain", "status", "implementation", "major", "minor",
                      "patchlevel", "version", "database", "by", "subscriber", "event"}  # fmt: skip


@pytest.mark.parametrize(
    ("asking", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "::1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": ""}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=203.0.113.9"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "10.1.2.3:8000"}, 200),
        ({"REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "POST"}, 405),
    ],
)
def test_without_a_token_only_programs_on_this_machine_read_it(asking: dict[str, str], status: int) -> None:
    method = asking.pop("REQUEST_METHOD", "GET")
    answer: Any = Client().generic(method, "/metrics", **asking)  # type: ignore[arg-type]
    assert answer.status_code == status
    if status != 200:
        assert b"trellis_" not in answer.content


@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.9"])
def test_with_a_token_whoever_brings_it(settings: Settings, address: str) -> None:
    settings.METRICS_TOKEN = "scrape"
    for header, status in (("Bearer scrape", 200), ("Bearer scrapx", 403), ("Bearer \u00ff", 403), ("", 403)):
        answer = Client().get("/metrics", headers={"Authorization": header}, REMOTE_ADDR=address)
        assert answer.status_code == status
