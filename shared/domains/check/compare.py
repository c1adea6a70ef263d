"""The rules: each yields one sentence per difference between declaration and server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader

from shared.domains.access import access_of
from shared.domains.check.catalog import Catalog, Table, read_catalog
from shared.domains.check.functions import compare_functions
from shared.domains.check.ledgers import compare_ledgers
from shared.domains.check.libraries import compare_libraries
from shared.domains.check.memory import compare_memory
from shared.domains.check.roles import compare_roles, compare_schemas
from shared.domains.check.tables import compare_table
from shared.domains.ledger import LEDGER, newest_of, read_ledgers
from shared.domains.registry import SHARED_SCHEMA, Domain, domains, find_domain_of_app, split_table
from shared.records.versions.models import is_version


@dataclass
class Report:
    """``matrix``: for each schema, what each domain may do there, as granted by the server. ``differences``: a
    sentence each; empty means that the server is as declared."""

    matrix: dict[str, dict[str, str]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


def declared_models(*, tenant_apps: bool = False, versions: bool = True) -> Iterator[type[models.Model]]:
    """Models whose tables lie in the domains' schemas and ``shared``; or those of the tenants' own schemas.

    ``versions``: those of version tables too, which follow from their record's.
    """
    for config in apps.get_app_configs():
        if config.name != "shared" and find_domain_of_app(config.label) is None:
            continue
        if (config.name in settings.TENANT_APPS) != tenant_apps:
            continue
        for model in config.get_models(include_auto_created=True):
            if is_version(model) and not versions:
                continue
            if model._meta.managed and not model._meta.proxy:
                yield model


def check_domains(
    connection: BaseDatabaseWrapper | psycopg.Connection[Any], living: Sequence[Domain] = ()
) -> Report:
    """Compare the server of ``connection`` with the declarations; reads the catalog alone, changes nothing.

    ``living``: the domains whose schemas lie in this database; all when none is named.
    """
    living = tuple(living) or domains()
    catalog, schemas, tenant_schemas = read_living(connection, living)
    report = Report(matrix=_matrix(catalog, schemas, living))
    report.differences.extend(compare_roles(catalog))
    report.differences.extend(compare_schemas(catalog, schemas, living))
    report.differences.extend(_compare_tables(catalog, schemas, living))
    report.differences.extend(_compare_tenant_tables(connection, catalog, tenant_schemas, living))
    report.differences.extend(_compare_memory(connection, catalog, tenant_schemas, living))
    report.differences.extend(compare_ledgers(catalog, schemas, living))
    report.differences.extend(compare_functions(catalog, [*schemas, "public"]))
    report.differences.extend(compare_libraries(catalog, living))
    return report


def read_living(
    connection: BaseDatabaseWrapper | psycopg.Connection[Any], living: Sequence[Domain]
) -> tuple[Catalog, list[str], list[str]]:
    """The catalog of a database where these domains live, their schemas, and the tenants' own."""
    schemas = [SHARED_SCHEMA, *(d.schema for d in living)]
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'tenant\_%%'", [])
        tenant_schemas = [name for (name,) in cursor.fetchall()]
        return read_catalog(cursor, [*schemas, "public", *tenant_schemas]), schemas, tenant_schemas


def models_by_table(living: Sequence[Domain]) -> dict[str, type[models.Model]]:
    """The models whose tables lie where these domains live, by ``schema.table``."""
    return {
        f"{schema}.{name}": model
        for model in declared_models()
        if _lives(model, living)
        for schema, name in [split_table(model._meta.db_table)]
        if schema is not None
    }


def _compare_tables(catalog: Catalog, schemas: list[str], living: Sequence[Domain]) -> Iterator[str]:
    for model in declared_models():
        if not _lives(model, living):
            continue
        schema, _ = split_table(model._meta.db_table)
        if schema is None:
            yield f"{model._meta.label}: db_table names no schema; every table of a domain lies in its schema."
            continue
        owner = find_domain_of_app(model._meta.app_label)
        if schema != (owner.schema if owner else SHARED_SCHEMA):
            yield f"{model._meta.label}: its table lies in {schema}, which is not its domain's schema."
    expected = models_by_table(living)
    for qualified, model in expected.items():
        table = catalog.tables.get(qualified)
        if table is None:
            yield f"{qualified}: the table of {model._meta.label} is missing; run manage.py migrate_domains."
        else:
            yield from compare_table(catalog, table, model, access_of(model))
    for table in catalog.tables.values():
        if table.schema in schemas and table.qualified not in expected:
            yield from _compare_unmodelled(catalog, table, expected)


def _compare_unmodelled(
    catalog: Catalog, table: Table, expected: dict[str, type[models.Model]]
) -> Iterator[str]:
    """Partitions answer to their parent's model; views must not show more than their reader may see."""
    if table.parent is not None and table.parent in expected:
        model = expected[table.parent]
        yield from compare_table(catalog, table, model, access_of(model))
    elif table.kind == "v":
        if not table.security_invoker:
            yield f"{table.qualified}: the view shows every tenant's rows; make it WITH (security_invoker = true)."
    elif table.kind == "m":
        for role, verbs in table.grants.items():
            if role in {d.role for d in domains()} or role == "PUBLIC":
                yield f"{table.qualified}: {role} has {', '.join(sorted(verbs))} on a materialised view; revoke it."
    elif table.name != LEDGER:
        yield f"{table.qualified}: no model declares this table."


def _lives(model: type[models.Model], living: Sequence[Domain]) -> bool:
    owner = find_domain_of_app(model._meta.app_label)
    return owner is None or owner in living


def _compare_tenant_tables(
    connection: Any, catalog: Catalog, tenant_schemas: list[str], living: Sequence[Domain]
) -> Iterator[str]:
    """The tables of TENANT_APPS, in every tenant schema that has been made: as the migrations say that it has reached."""
    declared = [model for model in declared_models(tenant_apps=True) if _lives(model, living)]
    for schema in tenant_schemas if declared else ():
        with connection.cursor() as cursor:
            state = models_reached(_ledger_heads(cursor, schema))
        for model in declared:
            reached = state.get(model._meta.label_lower) if state else model
            if reached is None:
                continue  # comes with a later migration
            reached.table_access = access_of(model)  # type: ignore[attr-defined]  # a migration's state knows none
            table = catalog.tables.get(f"{schema}.{model._meta.db_table}")
            if table is None:
                name = f"{schema}.{model._meta.db_table}"
                yield f"{name}: the table of {model._meta.label} is missing; run manage.py provision."
                continue
            yield from compare_table(catalog, table, reached, access_of(model), tenant_schema=True)


def _ledger_heads(cursor: Any, schema: str) -> frozenset[tuple[str, str]]:
    """The last migrations of a tenant's ledger; nothing for those who may not look into it, as the catalog all may."""
    cursor.execute("SELECT has_schema_privilege(%s, 'USAGE')", [schema])
    (allowed,) = cursor.fetchone()
    return frozenset(newest_of(read_ledgers(cursor, [schema])).items()) if allowed else frozenset()


@cache
def models_reached(heads: frozenset[tuple[str, str]]) -> dict[str, type[models.Model]]:
    """The models as these migrations left them, by label in lower case; empty without any."""
    loader = MigrationLoader(None)
    known = [key for key in heads if key in loader.graph.nodes]
    if not known:
        return {}
    state: Any = loader.project_state(known).apps
    return {model._meta.label_lower: model for model in state.get_models(include_auto_created=True)}


def _compare_memory(
    connection: Any, catalog: Catalog, tenant_schemas: list[str], living: Sequence[Domain]
) -> Iterator[str]:
    """What remembers, in the domains' schemas and in the tenants' own."""
    places = [(name, model) for name, model in models_by_table(living).items()]
    for model in declared_models(tenant_apps=True):
        if _lives(model, living):
            places.extend((f"{schema}.{model._meta.db_table}", model) for schema in tenant_schemas)
    with connection.cursor() as cursor:
        for name, model in places:
            if name in catalog.tables:
                yield from compare_memory(cursor, catalog.tables[name], model)


def _matrix(catalog: Catalog, schemas: list[str], living: Sequence[Domain]) -> dict[str, dict[str, str]]:
    """What the grants on the server add up to, schema by domain."""
    matrix: dict[str, dict[str, str]] = {}
    for schema in schemas:
        matrix[schema] = {}
        for domain in living:
            verbs = set().union(
                *(t.grants.get(domain.role, set()) for t in catalog.tables.values() if t.schema == schema)
            )
            cell = "read/write" if "INSERT" in verbs else "read" if "SELECT" in verbs else "none"
            matrix[schema][domain.name] = cell
    return matrix
