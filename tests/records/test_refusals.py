"""Refused acts are in the activity log, though they have no tenant."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from shared.records.activity import refusals
from shared.session import acting
from shared.tenancy.models import Tenant, TenantDomain
from tests.bases.callers import make_caller
from tests.servers import database_url


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    refusals._counts.clear()
    yield
    refusals._counts.clear()


def noted(ip: str) -> list[dict[str, Any]]:
    with psycopg.connect(database_url(), row_factory=psycopg.rows.dict_row) as superuser:
        return superuser.execute(
            "SELECT * FROM shared.activity_events WHERE actor_ip = %s ORDER BY position", [ip]
        ).fetchall()


def test_a_wrong_key_is_written_down_without_its_secret(worker_login: Callable[[str], Tenant]) -> None:
    for key in ("trl_abcdefgh_" + "s" * 40, "hunter2", "a\x00b"):
        answer = Client(REMOTE_ADDR="198.51.100.1").get(
            "/api/support/tickets", HTTP_AUTHORIZATION=f"Bearer {key}"
        )
        assert answer.status_code == 401
    acts = noted("198.51.100.1")
    assert [(a["action"], a["actor_name"], a["organization_id"]) for a in acts] == [
        ("wrong_key", "trl_abcdefgh", None),
        ("wrong_key", "", None),
        ("wrong_key", "", None),
    ]
    assert "ssss" not in str(acts)
    out = io.StringIO()
    call_command("show_refusals", "--from-address", "198.51.100.1", stdout=out)
    assert "trl_abcdefgh" in out.getvalue()
    call_command("show_refusals", "--from-address", "203.0.113.250", stdout=out)
    assert "Nothing was refused" in out.getvalue()


def test_a_wrong_password_is_written_down(worker_login: Callable[[str], Tenant]) -> None:
    client = Client(REMOTE_ADDR="198.51.100.2")
    answer = client.post(reverse("admin:login"), {"username": "Eve@Example.com", "password": "guess"})
    assert answer.status_code == 200
    assert [(a["action"], a["actor_name"]) for a in noted("198.51.100.2")] == [
        ("refused_login", "eve@example.com")
    ]


def test_a_key_at_another_tenants_door_is_written_down(worker_login: Callable[[str], Tenant]) -> None:
    own, other = worker_login("Own"), worker_login("Other")
    caller = make_caller(own, "support:read")
    hostname = f"{other.slug}.example.com"
    with acting(domain="platform", organization=other.id):
        TenantDomain.objects.create(tenant=other, domain=hostname)
    answer = Client(REMOTE_ADDR="198.51.100.3", HTTP_HOST=hostname).get(
        "/api/support/tickets", HTTP_AUTHORIZATION=f"Bearer {caller.raw_key}"
    )
    assert answer.status_code == 401
    assert [a["action"] for a in noted("198.51.100.3")] == ["wrong_tenant"]


def test_who_hammers_at_the_door_does_not_fill_the_log(
    worker_login: Callable[[str], Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(REMOTE_ADDR="198.51.100.4")
    for _ in range(30):
        client.get("/api/support/tickets", HTTP_AUTHORIZATION="Bearer x")
    assert len(noted("198.51.100.4")) == refusals.MOST
    monkeypatch.setattr(refusals.time, "monotonic", lambda: 1e12)
    client.get("/api/support/tickets", HTTP_AUTHORIZATION="Bearer x")
    assert noted("198.51.100.4")[-1]["changes"] == {"more": [None, 20]}


def test_logins_may_note_refusals_and_nothing_else(worker_login: Callable[[str], Tenant]) -> None:
    with psycopg.connect(database_url("trellis_web"), autocommit=True) as login:
        call = "SELECT shared.note_refusal('support', %s, '', '', '', '', '', 0)"
        with pytest.raises(psycopg.errors.CheckViolation):
            login.execute(call, ["deleted"])
        with login.transaction():
            login.execute("SELECT set_config('role', 'trellis_support', true)")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(call, ["wrong_key"])
