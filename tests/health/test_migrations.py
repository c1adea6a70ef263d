"""/health/migrations tells each domain's state from its ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.conftest import connection_as


@contextmanager
def unapplied(schema: str, app: str, name: str) -> Iterator[None]:
    """As if a migration were new: the ledger does not tell of it."""
    with connection_as(None) as superuser:
        where = f"{schema}.django_migrations WHERE app = '{app}' AND name = '{name}'"
        row = superuser.execute(f"DELETE FROM {where} RETURNING app, name, applied").fetchone()
        try:
            yield
        finally:
            superuser.execute(f"INSERT INTO {schema}.django_migrations VALUES (%s, %s, %s)", row)


def test_every_domain_is_told_and_nothing_is_pending(db: None) -> None:
    response = Client().get("/health/migrations", headers={"host": "anything.example"})
    assert response.status_code == 200
    told = response.json()
    assert told["status"] == "ok"
    assert list(told["domains"]) == ["shared", "platform", "support", "crm", "marketing"]
    support = told["domains"]["support"]
    assert support["applied"] >= 1
    assert support["newest"].startswith("support.")
    assert support["pending"] == []


def test_what_is_pending_is_named_with_503(db: None) -> None:
    with unapplied("crm", "crm", "0001_initial"):
        response = Client().get("/health/migrations")
    assert response.status_code == 503
    told = response.json()
    assert told["status"] == "pending"
    assert told["domains"]["crm"]["pending"] == ["crm.0001_initial"]
    assert told["domains"]["support"]["pending"] == []


def test_a_limited_process_tells_of_what_it_serves(db: None, settings: Settings) -> None:
    settings.SERVE = ("support",)
    with unapplied("crm", "crm", "0001_initial"):
        response = Client().get("/health/migrations")
    assert response.status_code == 200
    assert list(response.json()["domains"]) == ["shared", "support"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written(db: None, method: str) -> None:
    assert getattr(Client(), method)("/health/migrations").status_code == 405
