"""Health answers in plain JSON, whatever the hostname."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client


def test_live_and_ready(db: None) -> None:
    for name in ("live", "ready"):
        response = Client().get(f"/health/{name}", headers={"host": "anything.example"})
        assert response.status_code == 200
        assert response.json()["status"] == "ok"


def test_ready_names_what_does_not_answer(db: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = Client().get("/health/ready")
    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "serves": ["platform", "support", "crm", "marketing"],
        "checks": {"database": "ok", "broker": "broker does not answer"},
    }
    assert Client().get("/health/live").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written(db: None, method: str) -> None:
    assert getattr(Client(), method)("/health/ready").status_code == 405
