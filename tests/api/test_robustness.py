"""Numbers beyond 64 bits; the OpenAPI document asked for by many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import connections
from django.test import Client

from platform_core.models import Company
from shared.api.renderers import dumps
from shared.api.urls import SchemaView
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.callers import make_caller


@pytest.mark.parametrize(
    "number", ["18446744073709551616", "-9223372036854775809", "1e60", "1.7976931348623157e308"]
)
def test_a_number_beyond_64_bits_is_a_400_that_names_it(tenant: Tenant, number: str) -> None:
    caller = make_caller(tenant, "platform:read", "platform:write")
    body = f'{{"name": "Big", "custom_fields": {{"a": [{number}]}}}}'
    answer = caller.post("/api/platform/companies", body.encode())
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == "/custom_fields/a/0"
    with acting(domain="platform", organization=tenant.id):
        assert not Company.all_objects.exists()


def test_such_a_number_that_is_there_already_can_be_read() -> None:
    written = dumps({"a": 10**30, "id": uuid7(), "n": 1.5})
    assert b"1000000000000000000000000000000" in written
    assert orjson.loads(dumps({"a": 2**63 - 1})) == {"a": 2**63 - 1}


def test_the_document_can_be_asked_for_by_many_at_once(
    committed: Callable[[str], Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SchemaView, "_document", None)
    answers: list[Any] = []

    def ask() -> None:
        answers.append(Client().get("/api/schema/").status_code)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6


@pytest.mark.parametrize(("query", "accept"), [("?format=yaml", "*/*"), ("", "text/html")])
def test_the_document_is_json_whatever_is_asked(db: None, query: str, accept: str) -> None:
    answer = Client().get(f"/api/schema/{query}", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
