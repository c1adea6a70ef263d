"""PostgreSQL learns of tables as an import fills them, and is asked to only then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.domains.registry import WORKER_LOGIN
from shared.tenancy.models import Tenant
from tests.conftest import connection_as
from tests.platform_core.imports.files import cdnow, run

CUSTOMERS = "'platform.customers'::regclass"


def forget_customers(superuser: psycopg.Connection[Any]) -> None:
    """As in an installation of which nothing is known yet."""
    superuser.execute(f"UPDATE pg_class SET relpages = 0, reltuples = -1 WHERE oid = {CUSTOMERS}")
    superuser.execute(f"DELETE FROM pg_statistic WHERE starelid = {CUSTOMERS}")


def analysed(connection: psycopg.Connection[Any]) -> list[str]:
    """The tables that a call analyses: it holds their locks."""
    with connection.transaction():
        connection.execute("SELECT platform.analyze_grown_tables()")
        found = connection.execute(
            "SELECT relation::regclass::text FROM pg_locks "
            "WHERE pid = pg_backend_pid() AND mode = 'ShareUpdateExclusiveLock'"
        )
        return [name for (name,) in found.fetchall()]


def test_an_import_into_a_table_of_which_nothing_is_known(
    committed: Callable[[str], Tenant], tmp_path: Path
) -> None:
    tenant = committed("Empty")
    with connection_as(None) as superuser:
        forget_customers(superuser)
        run(cdnow(tmp_path / "m.txt", *(f" {n:05} 19970101  1   11.77" for n in range(40))), tenant)
        known = superuser.execute(f"SELECT reltuples FROM pg_class WHERE oid = {CUSTOMERS}").fetchone()
        assert known is not None
        assert known[0] >= 40, "under forced row-level security the owner sees the rows all the same"
        assert superuser.execute(f"SELECT FROM pg_statistic WHERE starelid = {CUSTOMERS}").rowcount > 10
    with connection_as(WORKER_LOGIN) as worker:
        worker.execute("SET ROLE trellis_platform")
        assert analysed(worker) == []
        with connection_as(None) as superuser:
            forget_customers(superuser)
        assert analysed(worker) == ["platform.customers"]


def test_it_is_the_platforms_alone() -> None:
    with connection_as(WORKER_LOGIN) as worker:
        worker.execute("SET ROLE trellis_crm")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            worker.execute("SELECT platform.analyze_grown_tables()")
