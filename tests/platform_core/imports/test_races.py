"""Somebody else writes the same customers in the very moment of a batch."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from platform_core.imports import loading
from platform_core.models import Customer
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.platform_core.imports.files import run

PEOPLE: dict[str, object] = {"source": "crm", "customer": {"email": "email", "name": "name"}}


def test_a_batch_is_repeated_where_somebody_created_one_of_its_customers(
    committed: Callable[[str], Tenant], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = committed("Raced import")
    path = tmp_path / "people.csv"
    path.write_text("email,name\nada@example.com,Ada\ngrace@example.com,Grace\n")
    looked_up = loading.Loader.resolved
    batches: list[int] = []

    def create_ada() -> None:
        try:
            with acting(domain="platform", organization=tenant.id):
                Customer.objects.create(email="Ada@Example.com", name="Ada, by hand")
        finally:
            connections.close_all()

    def resolved(self: Any, rows: Any, known: Any) -> Any:
        batch = looked_up(self, rows, known)
        if not batches:
            other = threading.Thread(target=create_ada)
            other.start()
            other.join()
        batches.append(len(batch.new))
        return batch

    monkeypatch.setattr(loading.Loader, "resolved", resolved)
    summary = run(path, tenant, mapping=PEOPLE)
    assert batches == [2, 1]
    assert (summary.loaded.customers, summary.bad_rows) == (1, 0)
    with acting(domain="platform", organization=tenant.id):
        assert sorted(Customer.objects.values_list("name", flat=True)) == ["Ada, by hand", "Grace"]
