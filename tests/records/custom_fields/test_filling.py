"""Rows that were there before their custom fields were indexed get their terms, and check_domains tells until then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from platform_core.models import Company
from shared.domains.check.memory import compare_memory
from shared.records.versions import filling
from shared.records.versions.upkeep import read_memory
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.conftest import connection_as

TABLE = "platform.companies"


@pytest.fixture
def unfilled(committed: Callable[[str], Tenant], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A connection, in a transaction that is taken back, to a table whose five rows have no terms yet, nor a mark."""
    monkeypatch.setattr(filling, "BATCH", 2)
    tenant = committed("Filled")
    with acting(domain="platform", organization=tenant.id):
        for number in range(5):
            Company.objects.create(name=f"Company {number}", custom_fields={"size": number})
        Company.objects.create(name="Without")
    with connection_as(None) as session:
        session.autocommit = False
        session.execute("SET lock_timeout = '5s'")
        session.execute("SELECT set_config('tests.tenant', %s, false)", [str(tenant.id)])
        session.execute("DELETE FROM platform.custom_field_terms")
        session.execute(f"COMMENT ON TRIGGER remember_insert ON {TABLE} IS NULL")
        yield session
        session.rollback()


def terms(session: psycopg.Connection[Any]) -> list[str]:
    """Of the tenant of this test; others' rows may be there as well."""
    rows = session.execute(
        "SELECT term FROM platform.custom_field_terms "
        "WHERE organization_id = current_setting('tests.tenant')::uuid ORDER BY term"
    ).fetchall()
    return [term for (term,) in rows]


EXPECTED = [f"company.size=n101{n}" if n else "company.size=n100" for n in range(5)]


def test_every_row_gets_its_terms_once(unfilled: psycopg.Connection[Any]) -> None:
    with unfilled.cursor() as cursor:
        memory = read_memory(cursor, "platform", "companies", Company)
        assert memory is not None
        assert not filling.is_filled(cursor, memory)
        filling.fill(cursor, memory)
        assert filling.is_filled(cursor, memory)
        assert terms(unfilled) == sorted(EXPECTED)
        cursor.execute(f"COMMENT ON TRIGGER remember_insert ON {TABLE} IS NULL".encode())
        filling.fill(cursor, memory)
        assert terms(unfilled) == sorted(EXPECTED)


def test_terms_of_another_form_are_replaced(unfilled: psycopg.Connection[Any]) -> None:
    with unfilled.cursor() as cursor:
        memory = read_memory(cursor, "platform", "companies", Company)
        assert memory is not None
        filling.fill(cursor, memory)
        cursor.execute("UPDATE platform.custom_field_terms SET term = 'company.size=old'")
        cursor.execute(f"COMMENT ON TRIGGER remember_insert ON {TABLE} IS 'terms of before'".encode())
        filling.fill(cursor, memory)
        assert terms(unfilled) == sorted(EXPECTED)


def test_check_domains_tells(unfilled: psycopg.Connection[Any]) -> None:
    from shared.domains.check.catalog import read_catalog

    with unfilled.cursor() as cursor:
        catalog = read_catalog(cursor, ["platform"])
        found = list(compare_memory(cursor, catalog.tables[TABLE], Company))
        assert found == [
            f"{TABLE}: not all custom fields are indexed, so lists would miss records; run manage.py migrate."
        ]
        memory = read_memory(cursor, "platform", "companies", Company)
        assert memory is not None
        filling.fill(cursor, memory)
        assert list(compare_memory(cursor, catalog.tables[TABLE], Company)) == []
