"""What only the owner may make: partitions ahead of time, and each tenant's own schema.

Runs on the migrations' connection (``manage.py provision``), outside of units of work; everything may be run again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from shared.domains.patience import patiently
from shared.domains.registry import HISTORY_ROLE, OPERATOR_ROLE, domain_of_app
from shared.domains.router import lives_in
from shared.records.partitions import MONTHS_AHEAD, make_partitions
from shared.tenancy.grants import tenant_grants
from shared.tenancy.models import Tenant

_PROVISION_LOCK = 0x7072_6F76  # any constant: two provisions go one after the other


def provision(
    *,
    today: dt.date,
    months_ahead: int = MONTHS_AHEAD,
    only: str | None = None,
    alias: str = "default",
    say: Callable[[str], None],
) -> None:
    """Make what is missing: partitions of the coming months, schemas of tenants, their tables and grants.

    A schema that was dropped stays dropped (that is how an integration is disconnected), until its tenant's slug
    is given as ``only``, which leaves the other tenants alone.
    """
    connection = connections[alias]

    def partitions() -> list[str]:
        with transaction.atomic(using=alias):
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PROVISION_LOCK])
            return make_partitions(connection, today=today, ahead=months_ahead)

    for name in patiently(partitions, what="Making partitions"):
        say(f"Made partition {name}")
    if not any(lives_in(alias, config.label) for config in tenant_apps()):
        return
    target = schema_version()
    tenants = Tenant.objects.using(alias).order_by("created_at", "id")
    for tenant in tenants.filter(slug=only) if only else tenants.exclude(schema_version=target):
        patiently(
            partial(provision_schema, tenant, target=target, alias=alias), what=f"The schema of {tenant.name}"
        )
        say(f"Made schema {tenant.schema_name} of {tenant.name}")


def tenant_apps() -> Iterator[AppConfig]:
    """Apps whose tables lie in the tenants' own schemas."""
    return (config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS)


def schema_version() -> int:
    """The version that a tenant's schema has when all migrations of those apps are applied: their number."""
    labels = {config.label for config in tenant_apps()}
    return sum(label in labels for label, _ in MigrationLoader(None).disk_migrations)


def provision_schema(tenant: Tenant, *, target: int, alias: str = "default") -> None:
    """Make or update the schema of one tenant: granted to the domains that have tables there, and to them alone."""
    connection = connections[alias]
    schema = sql.Identifier(tenant.schema_name)
    owners = {domain_of_app(config.label).role for config in tenant_apps()}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        for role in (*sorted(owners), OPERATOR_ROLE):
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, sql.Identifier(role)))
        cursor.execute(
            sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(schema, sql.Identifier(HISTORY_ROLE))
        )
    call_command("migrate_schemas", schema_name=tenant.schema_name, tenant=True, database=alias, verbosity=0)
    with transaction.atomic(using=alias), connection.cursor() as cursor:
        for config in tenant_apps():
            for model in config.get_models(include_auto_created=True):
                table = sql.Identifier(tenant.schema_name, model._meta.db_table)
                for role, verbs in tenant_grants(model).items():
                    cursor.execute(
                        sql.SQL(f"GRANT {', '.join(verbs)} ON {{}} TO {{}}").format(
                            table, sql.Identifier(role)
                        )
                    )
        cursor.execute("UPDATE shared.tenants SET schema_version = %s WHERE id = %s", [target, tenant.pk])
