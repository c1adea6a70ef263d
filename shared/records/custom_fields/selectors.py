"""Which custom fields a kind of record has, and who sees them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connections, models
from django.db.models import F, Func, JSONField, Q

from shared.domains.registry import domain_of_model, find_domain_of_app
from shared.records.custom_fields.choices import Visibility
from shared.records.custom_fields.models import CustomFieldDefinition, FieldTerm, UniqueFieldValue
from shared.records.models import Record, noun_of
from shared.records.versions.past import as_it_is
from shared.session.facts import current


@cache
def find_definition_model(model: type[models.Model]) -> type[CustomFieldDefinition] | None:
    """The table of definitions for a kind of record: that of its domain; None where it takes no custom fields."""
    if not issubclass(model, Record) or not model.takes_custom_fields:
        return None
    return _of_domain(model, CustomFieldDefinition)


@cache
def find_value_model(model: type[models.Model]) -> type[UniqueFieldValue] | None:
    """The table of unique values for a kind of record."""
    return None if find_definition_model(model) is None else _of_domain(model, UniqueFieldValue)


@cache
def find_term_model(model: type[models.Model]) -> type[FieldTerm] | None:
    """The index of a kind of record's custom fields."""
    return None if find_definition_model(model) is None else _of_domain(model, FieldTerm)


@cache
def value_model_of(definition_model: type[CustomFieldDefinition]) -> type[UniqueFieldValue]:
    """The table of unique values beside a table of definitions."""
    found: type[UniqueFieldValue] = _of_domain(definition_model, UniqueFieldValue)
    return found


def _of_domain(model: type[models.Model], base: type[Any]) -> Any:
    domain = find_domain_of_app(model._meta.app_label)
    found = (m for m in apps.get_models() if issubclass(m, base))
    return next((m for m in found if domain and find_domain_of_app(m._meta.app_label) == domain), None)


@cache
def entities_of(definition_model: type[CustomFieldDefinition]) -> dict[str, str]:
    """The kinds of record that may have fields of this table: noun → label."""
    found = [m for m in apps.get_models() if find_definition_model(m) is definition_model]
    return {noun_of(m): str(m._meta.verbose_name).capitalize() for m in sorted(found, key=noun_of)}


def definitions_of(model: type[models.Model]) -> list[CustomFieldDefinition]:
    """All definitions for a kind of record, the retired too, in the order in which they were made."""
    return _look_up(model, "")


def definitions_for_writing(model: type[models.Model]) -> list[CustomFieldDefinition]:
    """As ``definitions_of``; they become no stricter until this transaction ends (``lock_definitions``)."""
    return _look_up(model, "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)); ")


def lock_definitions(definition: CustomFieldDefinition) -> None:
    """Wait for the writers of this kind of record, and let others wait until this transaction ends: what is demanded of
    all its records can then be asked of those that are there."""
    with connections[definition._state.db or "default"].cursor() as cursor:
        key = _lock_key(type(definition), definition.organization_id, definition.entity)
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _lock_key(table: type[models.Model], organization: Any, entity: str) -> str:
    return f"{table._meta.db_table}:{organization}:{entity}"


def _look_up(model: type[models.Model], before: str) -> list[CustomFieldDefinition]:
    table, facts = find_definition_model(model), current()
    if table is None or facts is None:
        return []
    names, sql = _query(table)
    entity = noun_of(model)
    locked = [_lock_key(table, facts.organization, entity)] if before else []
    with connections[facts.alias].cursor() as cursor:
        cursor.execute(before + sql, [*locked, facts.organization, entity])
        while cursor.nextset():  # the answer to the look-up is the last one
            pass
        rows = cursor.fetchall()
    found = [table.from_db(facts.alias, names, row) for row in rows]
    for definition in found:
        if definition.default is not None:  # as JSON: no query set has read it
            definition.default = json.loads(definition.default)
    return found


_NEEDED = frozenset(
    [
        "id",
        "organization_id",
        "entity",
        "key",
        "label",
        "type",
        "choices",
        "default",
        "required",
        "unique",
        "visibility",
        "deleted_at",
    ]
)


@cache
def _query(table: type[CustomFieldDefinition]) -> tuple[list[str], str]:
    """Columns, in the model's order as ``from_db`` wants them, and SQL. Every creation of a record runs it: building
    a query set takes longer than the rest of the look-up."""
    names = [field.attname for field in table._meta.concrete_fields if field.attname in _NEEDED]
    columns = ", ".join(f'"{name}"' for name in names)
    where = "organization_id = %s AND entity = %s"
    return names, f'SELECT {columns} FROM "{table._meta.db_table}" WHERE {where} ORDER BY created_at, id'


def actor_is_a_key() -> bool:
    """Whether a machine asks, with an API key."""
    facts = current()
    return facts is not None and facts.actor.kind == "key"


def visible(definitions: Iterable[CustomFieldDefinition], *hidden: Visibility) -> list[CustomFieldDefinition]:
    """The living definitions that are not of a ``hidden`` visibility."""
    return [d for d in definitions if d.deleted_at is None and d.visibility not in hidden]


def hidden_keys(model: type[models.Model], *, to_key: bool) -> frozenset[str]:
    """Custom fields of a kind of record that a reader may not see: retired ones, and internal ones for a key."""
    table = find_definition_model(model)
    if table is None:
        return frozenset()
    return frozenset(_hidden(table, model, to_key=to_key).values_list("key", flat=True))


def hidden_keys_by_entity(domain: str, *, to_key: bool) -> dict[str, frozenset[str]]:
    """As ``hidden_keys``, for all kinds of record of a domain, by noun."""
    tables = (m for m in apps.get_models() if issubclass(m, CustomFieldDefinition))
    table = next((t for t in tables if domain_of_model(t).name == domain), None)
    found: dict[str, set[str]] = {}
    for entity, key in _hidden_in(table, to_key=to_key).values_list("entity", "key") if table else ():
        found.setdefault(entity, set()).add(key)
    return {entity: frozenset(keys) for entity, keys in found.items()}


def shown_custom_fields(model: type[models.Model], path: str, *, to_key: bool) -> Any:
    """The column at ``path`` without what the reader may not see: retired fields, and internal ones for a key.

    The keys are read once per statement, so a list costs nothing more per row. None where all is shown.
    """
    table = find_definition_model(model)
    if table is None:
        return None
    return Func(
        F(path),
        ArraySubquery(_hidden(table, model, to_key=to_key).values("key")),
        template="(%(expressions)s::text[])",
        arg_joiner=" - ",
        output_field=JSONField(),
    )


def _hidden(table: type[CustomFieldDefinition], model: type[models.Model], *, to_key: bool) -> Any:
    """Definitions that hide a field."""
    return _hidden_in(table, to_key=to_key).filter(entity=noun_of(model))


def _hidden_in(table: type[CustomFieldDefinition], *, to_key: bool) -> Any:
    """Rights are those of today, whatever moment is read of."""
    hidden = Q(deleted_at__isnull=False)
    if to_key:
        hidden |= Q(visibility=Visibility.STAFF)
    # Kept for all tenants, so the tenant's condition is the policy's alone.
    return as_it_is(table._base_manager.filter(hidden).order_by())
