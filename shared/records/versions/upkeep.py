"""Keeping tables and their memory in step: after every migration, and once more when all are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from shared.domains.patience import patiently
from shared.domains.registry import central_domain, find_domain_of_app, split_table
from shared.domains.router import lives_in
from shared.records.custom_fields import terms
from shared.records.versions.models import SUFFIX
from shared.records.versions.triggers import TRIGGERS, UNLOGGED, Memory

_COLUMNS = """
SELECT a.attname::text, a.attgenerated <> '' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""

_FUNCTION = """
SELECT p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = %s AND p.proname = %s"""

_TRIGGER_STATES = """
SELECT t.tgname::text, t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND t.tgname = ANY(%s)"""


def remembers(model: type[models.Model]) -> bool:
    """Whether the records of a model have versions."""
    return hasattr(model._meta, "simple_history_manager_attribute")


def remembering_models() -> Iterator[type[models.Model]]:
    """All models whose records have versions."""
    return filter(remembers, apps.get_models())


def read_memory(cursor: Any, schema: str, table: str, model: Any) -> Memory | None:
    """How the table of a model (or of its state in a migration) remembers, from the server's catalog; None where the
    table or its version table is not there."""
    record, versions = _columns(cursor, schema, table), _columns(cursor, schema, f"{table}{SUFFIX}")
    if not record or not versions:
        return None
    columns = tuple(name for name in record if name in versions)
    silent = UNLOGGED | {name for name, generated in record.items() if generated} | _quiet_columns(model)
    owner = find_domain_of_app(model._meta.app_label) or central_domain()
    noun = _indexed_noun(cursor, schema, model)
    return Memory(
        schema=schema,
        table=table,
        columns=columns,
        logged=tuple(name for name in columns if name not in silent),
        domain=owner.name,
        entity=entity_type(model),
        noun=noun,
        sorted=_declared(model).sorted_fields if noun else (),
    )


def entity_type(model: Any) -> str:
    """What the activity log calls the records of a model: ``support.ticket``."""
    owner = find_domain_of_app(model._meta.app_label)
    return f"{owner.name if owner else model._meta.app_label}.{model._meta.model_name}"


def settle(connection: BaseDatabaseWrapper, schema: str, table: str, model: Any) -> bool:
    """Give a table the function and triggers that its columns ask for, take them off where its version table is gone.

    Returns whether anything was to be done. Runs as the owner, in the caller's transaction.
    """
    with connection.cursor() as cursor:
        memory = read_memory(cursor, schema, table, model)
        if memory is None:
            return _forget(cursor, schema, table)
        if is_settled(cursor, memory):
            return False
        begin(cursor, memory)
    return True


def begin(cursor: Any, memory: Memory) -> None:
    """Remember from now on; rows that have no version yet get their first.

    Once before the triggers, which lock the table against writers, and once more for what was written meanwhile.
    """
    known = body_in(cursor, memory) is not None
    cursor.execute(memory.first_versions())
    for statement in memory.statements():
        cursor.execute(statement)
    if not known:
        cursor.execute(memory.first_versions())


def is_settled(cursor: Any, memory: Memory) -> bool:
    """Whether function and triggers are as this code would make them."""
    if body_in(cursor, memory) != memory.body():
        return False
    cursor.execute(_TRIGGER_STATES, [memory.schema, memory.table, list(TRIGGERS)])
    return dict(cursor.fetchall()) == dict.fromkeys(TRIGGERS, "A")


def body_in(cursor: Any, memory: Memory) -> str | None:
    """The function's source as the server has it; None where there is none."""
    cursor.execute(_FUNCTION, [memory.schema, memory.function])
    found = cursor.fetchone()
    return found[0] if found else None


def remembering_tables(alias: str, domain: str = "") -> Iterator[tuple[str, str, type[models.Model]]]:
    """Schema, name and model of the remembering tables that live in a database, of one ``domain`` where one is named."""
    for model in remembering_models():
        schema, table = split_table(model._meta.db_table)
        owner = find_domain_of_app(model._meta.app_label)
        ours = not domain or (owner is not None and owner.name == domain)
        if schema is not None and ours and lives_in(alias, model._meta.app_label):
            yield schema, table, model


def settle_all(connection: BaseDatabaseWrapper, *, say: Callable[[str], None], domain: str = "") -> None:
    """Settle every remembering table of a database: code may have changed what is logged without a migration."""
    for schema, table, model in remembering_tables(connection.alias, domain):

        def change(schema: str = schema, table: str = table, model: Any = model) -> bool:
            with transaction.atomic(using=connection.alias):
                return settle(connection, schema, table, model)

        if patiently(change, what=f"The memory of {schema}.{table}"):
            say(f"{schema}.{table} remembers as declared again")


def settle_touched(schema_editor: Any, touched: Iterable[tuple[str, str, Any]]) -> None:
    """Hook of the schema editor, at the end of a migration: schema, name and model of each table that it changed.

    A model is the state in which the migration left it; where only the version table changed, the code's.
    """
    found: dict[tuple[str, str], Any] = {}
    for schema, table, model in touched:
        place = schema, table.removesuffix(SUFFIX)
        if not _is_state_of_version(model):
            found[place] = model
        else:
            found.setdefault(place, _model_of(*place))
    for (schema, table), model in found.items():
        if model is not None:
            settle(schema_editor.connection, schema, table, model)


def _is_state_of_version(model: Any) -> bool:
    return any(field.column == "valid_from" for field in model._meta.local_concrete_fields) and any(
        field.name == "history_id" for field in model._meta.local_concrete_fields
    )


def _model_of(schema: str, table: str) -> Any:
    for model in remembering_models():
        name = split_table(model._meta.db_table)
        if name[1] == table and name[0] in (schema, None):
            return model
    return None


def _columns(cursor: Any, schema: str, table: str) -> dict[str, bool]:
    """Name → whether it is generated."""
    cursor.execute(_COLUMNS, [schema, table])
    return dict(cursor.fetchall())


def _quiet_columns(model: Any) -> set[str]:
    """Columns of ``quiet_fields``; a model's state in a migration does not know them, the code does."""
    declared = _declared(model)
    if declared is None:
        return set()
    quiet = getattr(declared, "quiet_fields", ())
    return {str(declared._meta.get_field(name).column) for name in quiet}  # type: ignore[union-attr]


def _indexed_noun(cursor: Any, schema: str, model: Any) -> str:
    """What definitions of custom fields call the records of a model; empty where there are none, or no index yet."""
    from shared.records.custom_fields.selectors import find_term_model
    from shared.records.models import noun_of

    declared = _declared(model)
    if declared is None or find_term_model(declared) is None or not _columns(cursor, schema, terms.TABLE):
        return ""
    return noun_of(declared)


def _declared(model: Any) -> Any:
    """The model as the code has it, of which a migration's state knows only the columns."""
    try:
        return apps.get_model(model._meta.app_label, model._meta.model_name)
    except LookupError:
        return None


def _forget(cursor: Any, schema: str, table: str) -> bool:
    memory = Memory(schema, table, (), (), "", "")
    if body_in(cursor, memory) is None:
        return False
    if _columns(cursor, schema, table):
        for statement in memory.forgetting():
            cursor.execute(statement)
    cursor.execute("SELECT shared.drop_memory(%s, %s)", [schema, memory.function])
    return True
