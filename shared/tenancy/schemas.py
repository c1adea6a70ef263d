"""Each tenant's own schema: which apps lie there, what its ledger says, and bringing one to a migration.

Runs on the migrations' connection, outside of units of work. Who decides which tenant comes when: ``rollout/``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from shared.domains.executor import PatientExecutor
from shared.domains.ledger import newest_of, read_ledgers
from shared.domains.recorder import migrations_on_disk
from shared.domains.registry import HISTORY_ROLE, OPERATOR_ROLE, domain_of_app
from shared.domains.router import lives_in
from shared.tenancy.grants import tenant_grants
from shared.tenancy.models import Tenant


def tenant_apps() -> Iterator[AppConfig]:
    """Apps whose tables lie in the tenants' own schemas."""
    return (config for config in apps.get_app_configs() if config.name in settings.TENANT_APPS)


def has_tenant_apps(alias: str) -> bool:
    """Whether the database of an alias is one where tenants have schemas of their own."""
    return any(lives_in(alias, config.label) for config in tenant_apps())


def newest_migrations() -> dict[str, str]:
    """The last migration of each of those apps, by the app's label."""
    return {config.label: migrations_on_disk(config.label)[-1] for config in tenant_apps()}


def migrations_of(tenant: Tenant, alias: str) -> dict[str, str]:
    """The last migration of each app that the tenant's own ledger knows; empty without a schema."""
    with connections[alias].cursor() as cursor:
        return newest_of(read_ledgers(cursor, [tenant.schema_name]))


def schemas_there(alias: str) -> set[str]:
    """Names of the tenants' schemas that exist in a database: a tenant who has disconnected has none."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^tenant_[0-9a-f]{32}$'")
        return {name for (name,) in cursor.fetchall()}


def make_schema(tenant: Tenant, targets: Mapping[str, str], *, alias: str = "default") -> None:
    """Make the schema of one tenant, if it is missing, and bring it to ``targets``: granted to the domains that have
    tables there, and to them alone."""
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
    migrate_schema(tenant, targets, alias=alias)
    for (
        config
    ) in tenant_apps():  # pages ask for them, and migrating the common schemas knows nothing of these apps
        create_contenttypes(config, using=alias, verbosity=0)


def migrate_schema(tenant: Tenant, targets: Mapping[str, str], *, alias: str = "default") -> None:
    """Bring the tables of one tenant to ``targets`` (app → migration), forward or back, and note its version.

    Each migration is a transaction of its own; what was done before one that fails stays, and is noted. Raises what the
    migration raises, StillLockedError where a table stays in use.
    """
    connection: Any = connections[alias]
    try:
        connection.set_schema(tenant.schema_name, include_public=False)  # or the common ledger would be found
        MigrationRecorder(connection).ensure_schema()
        connection.set_schema(tenant.schema_name)
        try:
            PatientExecutor(connection).migrate(list(targets.items()))
        finally:
            _settle(tenant, alias)
    finally:
        connection.set_schema_to_public()


def _settle(tenant: Tenant, alias: str) -> None:
    """Grants on what is there now, and the version: how many migrations the tenant's ledger has."""
    there = sql.Identifier(tenant.schema_name)
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        for config in tenant_apps():
            for model in config.get_models(include_auto_created=True):
                table = sql.Identifier(tenant.schema_name, model._meta.db_table)
                cursor.execute("SELECT to_regclass(%s)", [f"{tenant.schema_name}.{model._meta.db_table}"])
                if cursor.fetchone() == (None,):  # of a migration that this tenant has not reached
                    continue
                for role, verbs in tenant_grants(model).items():
                    cursor.execute(
                        sql.SQL("GRANT {} ON {} TO {}").format(
                            sql.SQL(", ").join(map(sql.SQL, verbs)), table, sql.Identifier(role)
                        )
                    )
        cursor.execute(
            sql.SQL(
                "UPDATE shared.tenants SET schema_version = (SELECT count(*) FROM {}.django_migrations) WHERE id = %s"
            ).format(there),
            [tenant.pk],
        )
