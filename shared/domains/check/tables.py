"""One table against its model and access: columns, owner, row security, grants, triggers, keys, indexes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.db import models

from shared.domains.access import TableAccess, access_of
from shared.domains.check.catalog import Catalog, Table
from shared.domains.registry import OWNER_ROLE, SHARED_SCHEMA, domains
from shared.events.telling import TELLING
from shared.records.constraints import TenantForeignKeyConstraint
from shared.records.protection import TOUCH_TRIGGER, has_columns
from shared.records.versions.triggers import GUARD
from shared.tenancy.grants import tenant_grants


def compare_table(
    catalog: Catalog,
    table: Table,
    model: type[models.Model],
    access: TableAccess,
    *,
    tenant_schema: bool = False,
) -> Iterator[str]:
    """All differences of one table (or partition of it). ``tenant_schema``: it lies in a tenant's own schema."""
    name = table.qualified
    if table.owner != OWNER_ROLE:
        yield f"{name}: belongs to {table.owner}, not to {OWNER_ROLE}."
    columns = {str(field.column) for field in model._meta.local_concrete_fields}
    for column in sorted(columns - table.columns):
        yield f"{name}: column {column} is missing."
    for column in sorted(table.columns - columns):
        yield f"{name}: no field declares column {column}."
    yield from compare_policies(table, access)
    yield from compare_grants(table, model, access, tenant_schema)
    yield from _compare_triggers(table, model)
    if access.rows in ("tenant", "tenant_and_domain"):
        yield from _compare_indexes(table, model, access)
    if table.parent is None:
        yield from _compare_keys(catalog, table, model)
        yield from _compare_constraints(table, model)


def global_columns(model: type[models.Model]) -> dict[str, str]:
    """Columns that a model declares to be indexed across tenants, with the reason for each."""
    declared: dict[str, str] = getattr(model, "global_columns", {})
    return declared


def _plain(expression: str | None) -> str:
    """An expression without the spaces, parentheses, casts and names that PostgreSQL adds when printing it back."""
    return re.sub(r'\s+AS "?\w+"?|::[a-z]+|[\s()]', "", expression or "").lower()


def compare_policies(table: Table, access: TableAccess) -> Iterator[str]:
    name = table.qualified
    expected = {policy.name: policy for policy in access.policies()}
    if expected and not table.rls:
        yield f"{name}: row-level security is not enabled."
    if expected and not table.forced:
        yield f"{name}: row-level security is not forced, so the owner would see every tenant."
    for policy in table.policies.values():
        declared = expected.get(policy.name)
        if declared is None:
            yield f"{name}: policy {policy.name} is not declared; permissive policies add up, so it may open the table."
            continue
        if policy.command != ("r" if declared.reads_only else "*") or not policy.permissive:
            wanted = "only SELECT" if declared.reads_only else "every command"
            yield f"{name}: policy {policy.name} does not cover {wanted}."
        if policy.roles != {declared.role}:
            yield f"{name}: policy {policy.name} applies to {sorted(policy.roles)}, not to {declared.role}."
        check = "" if declared.reads_only else declared.using
        for kind, found, rule in (
            ("USING", policy.using, declared.using),
            ("WITH CHECK", policy.check, check),
        ):
            if _plain(found) != _plain(rule):
                yield f"{name}: policy {policy.name} has {kind} ({found}), declared is ({rule})."
    for missing in sorted(expected.keys() - table.policies.keys()):
        yield f"{name}: policy {missing} is missing."


def compare_grants(
    table: Table, model: type[models.Model], access: TableAccess, tenant_schema: bool = False
) -> Iterator[str]:
    name = table.qualified
    if tenant_schema:
        expected = {role: set(verbs) for role, verbs in tenant_grants(model).items()}
    else:
        expected = {role: set(verbs) for role, verbs in access.grants(table.schema).items()}
    for role in sorted(expected.keys() | table.grants.keys()):
        have, need = table.grants.get(role, set()), expected.get(role, set())
        if have - need:
            yield f"{name}: {role} has {', '.join(sorted(have - need))}, which nobody declared."
        if need - have:
            yield f"{name}: {role} lacks {', '.join(sorted(need - have))}; run manage.py migrate_domains."
    for column in sorted(table.column_grants):
        yield f"{name}: column {column} has grants of its own, which nobody declared."


def _compare_triggers(table: Table, model: type[models.Model]) -> Iterator[str]:
    for name in TELLING if getattr(model, "tells", "") else ():
        if table.triggers.get(name) != "A":
            yield f"{table.qualified}: trigger {name} is missing or disabled, so the other domains would not be told."
    if access_of(model).written_by_history or access_of(model).guarded:
        if table.triggers.get(GUARD) != "A":
            yield f"{table.qualified}: trigger {GUARD} is missing or disabled, so rows could be changed afterwards."
        return
    if not has_columns(model, "version", "updated_at"):
        return
    state = table.triggers.get(TOUCH_TRIGGER)
    if state is None:
        yield f"{table.qualified}: trigger {TOUCH_TRIGGER} is missing, so versions do not count."
    elif state not in ("O", "A"):
        yield f"{table.qualified}: trigger {TOUCH_TRIGGER} is disabled."


def _compare_keys(catalog: Catalog, table: Table, model: type[models.Model]) -> Iterator[str]:
    name = table.qualified
    own_schemas = {d.schema for d in domains()}
    for key in table.keys.values():
        target = catalog.tables.get(key.target)
        target_schema = key.target.partition(".")[0]
        if table.schema in own_schemas and target_schema not in (table.schema, SHARED_SCHEMA):
            yield f"{name}: foreign key {key.name} crosses into {key.target}."
        both_tenant = target is not None and {"organization_id"} <= table.columns & target.columns
        if both_tenant and "organization_id" not in key.columns:
            yield f"{name}: foreign key {key.name} does not include the tenant."
        if not key.validated:
            yield f"{name}: foreign key {key.name} is not validated."
    for constraint in model._meta.constraints:
        if isinstance(constraint, TenantForeignKeyConstraint) and constraint.name not in table.keys:
            yield f"{name}: foreign key {constraint.name} is missing."
    for field in model._meta.local_concrete_fields:
        constrained = isinstance(field, models.ForeignKey) and getattr(field, "db_constraint", True)
        if constrained and not any(key.columns == (field.column,) for key in table.keys.values()):
            yield f"{name}: column {field.column} has no foreign key."


def _compare_constraints(table: Table, model: type[models.Model]) -> Iterator[str]:
    for constraint in model._meta.constraints:
        match constraint:
            case models.CheckConstraint() if constraint.name not in table.checks:
                yield f"{table.qualified}: check constraint {constraint.name} is missing."
            case models.UniqueConstraint():
                index = table.indexes.get(constraint.name)
                if index is None or not index.unique:
                    yield f"{table.qualified}: unique constraint {constraint.name} is missing."
    for declared in model._meta.indexes:
        if declared.name not in table.indexes:
            yield f"{table.qualified}: index {declared.name} is missing."


def _compare_indexes(table: Table, model: type[models.Model], access: TableAccess) -> Iterator[str]:
    """The tenant leads every index and is part of every unique one (uniqueness is checked across tenants)."""
    exempt = global_columns(model)
    for index in table.indexes.values():
        if not index.valid:
            yield f"{table.qualified}: index {index.name} is not valid; rebuild it."
        if index.primary or index.columns[:1] == (access.tenant_column,):
            continue
        if set(index.columns) <= set(exempt):
            continue
        what = "unique index" if index.unique else "index"
        yield f"{table.qualified}: {what} {index.name} is not led by {access.tenant_column} but by {index.columns[0]}."
