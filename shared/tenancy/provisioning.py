"""What only the owner may make: partitions ahead of time, and each new tenant's own schema.

Runs on the migrations' connection (``manage.py provision``), outside of units of work; everything may be run again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from django.db import connections, transaction

from shared.domains.patience import patiently
from shared.records.partitions import MONTHS_AHEAD, make_partitions
from shared.tenancy.models import Tenant
from shared.tenancy.schemas import has_tenant_apps, make_schema, newest_migrations, schemas_there

_PROVISION_LOCK = 0x7072_6F76  # any constant: two provisions go one after the other


def provision(
    *,
    today: dt.date,
    months_ahead: int = MONTHS_AHEAD,
    only: str | None = None,
    alias: str = "default",
    say: Callable[[str], None],
) -> None:
    """Make what is missing: partitions of the coming months, schemas of new tenants at the newest version.

    A schema that is there stays as it is: ``rollout`` brings it forward. One that was dropped stays dropped (that is
    how an integration is disconnected), until its tenant's slug is given as ``only``, which leaves the others alone.
    """
    connection = connections[alias]

    def partitions() -> list[str]:
        with transaction.atomic(using=alias):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PROVISION_LOCK])
            return make_partitions(connection, today=today, ahead=months_ahead)

    for name in patiently(partitions, what="Making partitions"):
        say(f"Made partition {name}")
    if not has_tenant_apps(alias):
        return
    there = schemas_there(alias)
    tenants = Tenant.objects.using(alias).order_by("created_at", "id")
    for tenant in tenants.filter(slug=only) if only else tenants.filter(schema_version=0):
        if tenant.schema_name in there and tenant.schema_version > 0:
            continue
        make = partial(make_schema, tenant, newest_migrations(), alias=alias)
        patiently(make, what=f"The schema of {tenant.name}")
        say(f"Made schema {tenant.schema_name} of {tenant.name}")
