"""docs/catalogue/schema.md: every table, by domain: columns, keys, who may read and write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models

from shared.catalogue.markdown import GENERATED, code, table
from shared.domains.access import TableAccess, access_of
from shared.domains.check.compare import declared_models
from shared.domains.registry import (
    OPERATOR_ROLE,
    SHARED_SCHEMA,
    domain_of_model,
    domains,
    find_domain_of_app,
    split_table,
)
from shared.records import Record, TenantForeignKey, TenantUnique
from shared.records.constraints import TenantForeignKeyConstraint
from shared.records.models import TenantRow

KIT = {field.name for field in Record._meta.get_fields()}


def schema_page() -> str:
    """The page as text."""
    return "\n".join(_page()).rstrip() + "\n"


def _page() -> Iterator[str]:
    yield GENERATED
    yield "# Tables"
    yield ""
    yield (
        "Every table by domain. A *record* also has the kit's columns: `id` (UUIDv7), `organization_id`, "
        "`created_at`, `updated_at`, `created_by_app`, `version`, `deleted_at`, `custom_fields`; a *row* has "
        "`id`, `organization_id`, `created_at` and `created_by_app`. References from one tenant table to "
        "another include `organization_id`. Every record's table has a version table beside it, named with `_history`: "
        "the same columns, and `valid_from`, `valid_to`, who, why and in which request (docs/how-to/look-back.md)."
    )
    yield ""
    every = [*declared_models(versions=False), *declared_models(tenant_apps=True, versions=False)]
    owners = {model: find_domain_of_app(model._meta.app_label) for model in every}
    for owner in (None, *domains()):
        title, schema = (owner.title, owner.schema) if owner else ("Shared", SHARED_SCHEMA)
        owned = [model for model in every if owners[model] == owner]
        yield f"## {title}: schema `{schema}`"
        yield ""
        for model in sorted(owned, key=lambda m: m._meta.db_table):
            yield from _table(model)


def _table(model: type[models.Model]) -> Iterator[str]:
    schema, name = split_table(model._meta.db_table)
    access = access_of(model)
    yield f"### {name}"
    yield ""
    yield f"{_summary(model)} {code(model._meta.label)}, {_kind(model)}."
    yield ""
    yield f"- Rows: {rows_of(access)}"
    yield f"- {rights_of(model, access, schema)}"
    yield from (f"- {line}" for line in (*_constraints(model), *_indexes(model)))
    yield ""
    fields = [f for f in model._meta.local_concrete_fields if not (_is_kit(model) and f.name in KIT)]
    if fields:
        yield from table(("column", "type", "null", "meaning"), (_column(field) for field in fields))


def _summary(model: type[models.Model]) -> str:
    line = (model.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
    return " ".join(line.replace("``", "`").split()) if not line.startswith(f"{model.__name__}(") else ""


def _is_kit(model: type[models.Model]) -> bool:
    return issubclass(model, TenantRow)


def _kind(model: type[models.Model]) -> str:
    kind = (
        "a record" if issubclass(model, Record) else "a row" if _is_kit(model) else "a table of its own shape"
    )
    by = getattr(model, "partitioned_by", None)
    return f"{kind}, partitioned by month of `{by}`" if by else kind


def rows_of(access: TableAccess) -> str:
    """Which rows a session sees, in words."""
    match access.rows:
        case "global":
            return f"no tenant. {access.reason}".strip()
        case "identity":
            return "people with a membership in the tenant; everyone while signing in."
        case "tenant_and_domain":
            return f"the tenant's (`{access.tenant_column}`), and of them the acting domain's (`domain`)."
        case "tenant_and_readable":
            return f"the tenant's (`{access.tenant_column}`), and of them those of domains that the acting one may read."
        case _:
            return f"the tenant's (`{access.tenant_column}`)."


def rights_of(model: type[models.Model], access: TableAccess, schema: str | None) -> str:
    """Who may do what, in words."""
    if schema is None:
        return (
            f"Written and read by {domain_of_model(model).name}; the table lies in each tenant's own schema."
        )
    verbs = access.grants(schema)
    if access.by_triggers:
        return (
            f"Written by triggers alone; read by {', '.join(d.name for d in domains() if d.role in verbs)}."
        )
    write = [d.name for d in domains() if "INSERT" in verbs.get(d.role, ())]
    read = [d.name for d in domains() if verbs.get(d.role) == ("SELECT",)]
    said = f"{'Added to' if access.append_only else 'Written'} by {', '.join(write)}"
    said += f"; read by {', '.join(read)}" if read else ""
    said += "; closed to the others" if len(write) + len(read) < len(domains()) else ""
    said += "; nobody may change or delete" if access.append_only and OPERATOR_ROLE in verbs else ""
    return said + "."


def _constraints(model: type[models.Model]) -> Iterator[str]:
    for constraint in model._meta.constraints:
        match constraint:
            case TenantForeignKeyConstraint():
                continue  # said by the column
            case TenantUnique():
                among = "living rows" if constraint.living else "all rows, deleted ones too"
                part = ", under a condition" if constraint.own_condition is not None else ""
                yield f"Unique in the tenant: {_names(constraint.own_fields, model)} ({among}{part})"
            case models.UniqueConstraint() if set(constraint.fields) != {"organization", "id"}:
                yield f"Unique: {_names(constraint.fields, model)}"


def _names(fields: Any, model: type[models.Model]) -> str:
    return ", ".join(code(_column_of(model, name)) for name in fields)


def _column_of(model: type[models.Model], name: str) -> str:
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:  # an annotation or a lookup: said as it is
        return name
    return str(field.column)


def _indexes(model: type[models.Model]) -> Iterator[str]:
    for index in model._meta.indexes:
        if index.expressions:
            parts = [_expression(expression, model) for expression in index.expressions]
        else:
            parts = [_column_of(model, n) + (" desc" if o else "") for n, o in index.fields_orders]
        part = ", of some rows" if index.condition is not None else ""
        yield f"Index {code(index.name)}: {code(', '.join(parts))}{part}"


def _expression(expression: Any, model: type[models.Model]) -> str:
    if isinstance(expression, models.F):
        return _column_of(model, str(expression.name))  # type: ignore[attr-defined]
    if isinstance(expression, models.expressions.OrderBy):
        return _expression(expression.expression, model) + (" desc" if expression.descending else "")
    return str(expression)


def _column(field: Any) -> tuple[str, str, str, str]:
    return code(field.column), _type(field), "null" if field.null else "", "; ".join(_meaning(field))


def _type(field: Any) -> str:
    if isinstance(field, models.GeneratedField):
        return _type(field.output_field)
    if isinstance(field, models.ForeignKey):
        return _type(field.target_field)
    if isinstance(field, ArrayField):
        return f"{_type(field.base_field)}[]"
    return (field.db_type(connection) or "").partition(" CHECK")[0].partition(" COLLATE")[0]


def _meaning(field: Any) -> Iterator[str]:
    if field.primary_key:
        yield "primary key"
    elif field.unique:
        yield "unique"
    if isinstance(field, models.GeneratedField):
        yield "computed by the database"
    if isinstance(field, models.ForeignKey):
        schema, name = split_table(field.remote_field.model._meta.db_table)
        tenant = " of the tenant" if isinstance(field, TenantForeignKey) else ""
        rule: Any = field.remote_field.on_delete
        yield f"→ {schema}.{name}{tenant}, on delete {rule.__name__.lower().replace('_', ' ')}"
    if field.choices and not callable(field.choices):
        yield ", ".join(str(value) for value, _ in field.flatchoices)
    if field.help_text:
        yield str(field.help_text).rstrip(".")
