"""Partitions: made ahead, protected one by one, filled from the DEFAULT partition."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import psycopg
import pytest
from django.db import connections
from django.db.utils import ConnectionHandler
from psycopg import sql

from shared.domains.registry import MIGRATION_LOGIN, OWNER_ROLE
from shared.records.partitions import make_partitions, month_of, months_ahead, partition_name
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.conftest import connection_as
from tests.platform_core import factories
from tests.servers import database_url


@pytest.mark.parametrize(
    ("day", "offset", "expected"),
    [
        (dt.date(2026, 11, 21), 0, dt.date(2026, 11, 1)),
        (dt.date(2026, 11, 21), 2, dt.date(2027, 1, 1)),
        (dt.date(2026, 1, 31), -1, dt.date(2025, 12, 1)),
        (dt.date(2026, 12, 31), 13, dt.date(2028, 1, 1)),
    ],
)
def test_months(day: dt.date, offset: int, expected: dt.date) -> None:
    assert month_of(day, offset) == expected


def test_names_and_months_ahead() -> None:
    assert partition_name('platform"."visits', dt.date(2026, 3, 1)) == 'platform"."visits_2026_03'
    assert partition_name('platform"."visits', None) == 'platform"."visits_default'
    assert [month.month for month in months_ahead(dt.date(2026, 11, 30), 2)] == [11, 12, 1]


def test_a_new_month_takes_its_rows_from_the_default_partition(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Partitions")
    future = dt.date(2031, 5, 20)
    with acting(domain="platform", organization=tenant.id):
        row = factories.make_interaction(occurred_at=dt.datetime(2031, 5, 31, 23, 59, tzinfo=dt.UTC))
        factories.make_interaction(occurred_at=dt.datetime(1997, 1, 1, tzinfo=dt.UTC))
    owner = psycopg.conninfo.conninfo_to_dict(database_url(MIGRATION_LOGIN))
    base = connections["default"].settings_dict
    handler = ConnectionHandler(
        {
            "default": {
                **base,
                "USER": owner["user"],
                "PASSWORD": owner["password"],
                "MIGRATIONS": True,
                "OPTIONS": {**base["OPTIONS"], "assume_role": OWNER_ROLE},
            }
        }
    )
    connection = handler["default"]
    try:
        connection.set_autocommit(False)
        made = make_partitions(connection, today=future, ahead=1)
        connection.commit()
        assert [name for name in made if "interactions" in name] == [
            "platform.customer_interactions_2031_05",
            "platform.customer_interactions_2031_06",
        ]
        assert make_partitions(connection, today=future, ahead=1) == []
    finally:
        connection.close()
    with connection_as(None) as inspector:
        found = inspector.execute("SELECT id FROM ONLY platform.customer_interactions_2031_05").fetchall()
        assert found == [(row.pk,)]
        for table in ("customer_interactions_2031_05", "customer_interactions_2031_06"):
            assert inspector.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %s", [table]
            ).fetchone() == (True, True)
    _other_tenant_sees_nothing("customer_interactions_2031_05", tenant.id)


def _other_tenant_sees_nothing(table: str, owner: uuid.UUID) -> None:
    count = sql.SQL("SELECT count(*) FROM platform.{}").format(sql.Identifier(table))
    for tenant, expected in ((owner, 1), (uuid.uuid4(), 0)):
        with connection_as("trellis_web") as connection, connection.transaction():
            connection.execute(
                "SELECT set_config('role', 'trellis_platform', true), "
                "set_config('app.organization_id', %s, true)",
                [str(tenant)],
            )
            assert connection.execute(count).fetchone() == (expected,)
