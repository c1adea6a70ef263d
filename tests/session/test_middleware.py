"""Addresses and hosts that nobody can mean."""

from __future__ import annotations

import pytest
from django.test import Client
from django.views.debug import get_default_exception_reporter_filter


@pytest.mark.parametrize(
    "host", ["", "exa mple.com", "localhost:port", "unknown.example.com", "[::1", "a\x00b"]
)
def test_a_host_that_no_tenant_has_is_a_404(db: None, host: str) -> None:
    answer = Client().get("/api/support/tickets", headers={"host": host})
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    page = Client().get("/admin/", headers={"host": host})
    assert page.status_code == 404
    assert "Unknown address" in page.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/support/ticket/?status__exact=%00",
        "/admin/autocomplete/?term=%00",
        "/admin/?q=a%2500".replace("%25", "%"),
    ],
)
def test_a_nul_in_a_pages_address_is_a_400(db: None, address: str) -> None:
    answer = Client().get(address)
    assert answer.status_code == 400
    assert "X-Request-ID" in answer.headers


def test_error_reports_hide_the_servers_urls() -> None:
    shown = get_default_exception_reporter_filter().get_safe_settings()
    for name in ("REDIS_URL", "CELERY_BROKER_URL", "SECRET_KEY", "API_KEY_PEPPER"):
        assert "****" in str(shown[name])
    assert "redis://" not in str(shown["CACHES"])
