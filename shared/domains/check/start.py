"""What a web process needs of its databases before it serves: tables, columns, policies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper

from shared.domains.access import access_of
from shared.domains.check.compare import models_by_table
from shared.domains.registry import SHARED_SCHEMA, Domain, domains

_MOST = 20  # lines of a refusal

_TABLES = """
SELECT n.nspname || '.' || c.relname, c.relrowsecurity AND c.relforcerowsecurity,
       ARRAY(SELECT attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped),
       ARRAY(SELECT polname::text FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition"""


class IncompleteSchemaError(ImproperlyConfigured):
    """The database lacks what the code needs: migrate first; the message says what is missing and how."""


def refuse_incomplete_schema(connection: BaseDatabaseWrapper, living: Sequence[Domain]) -> None:
    """Raise IncompleteSchemaError unless all that the models of these domains and of the kit need is there.

    One query of the catalog. What is there beside it does not matter, so that an older release goes on serving while
    a newer one has migrated; `check_domains` is stricter.
    """
    missing = list(_missing(connection, living))
    if not missing:
        return
    schemas = {table.partition(".")[0] for table, _ in missing}
    alone = next((d.name for d in domains() if schemas == {d.schema}), None)
    repairs = any(what.startswith(("policy", "row")) for _, what in missing)
    command = f"migrate_domain {alone}" if alone and not repairs else "migrate_domains"
    lines = [f"  {table}: {what}" for table, what in missing[:_MOST]]
    if len(missing) > _MOST:
        lines.append(f"  and {len(missing) - _MOST} more")
    raise IncompleteSchemaError(
        f"The database {connection.settings_dict['NAME']!r} lacks what this release needs: run manage.py {command}.\n"
        + "\n".join(lines)
    )


def _missing(connection: BaseDatabaseWrapper, living: Sequence[Domain]) -> Iterator[tuple[str, str]]:
    raw: Any = connection.connection  # beside the guard: no unit, and nobody's rows
    rows = raw.execute(_TABLES, [[SHARED_SCHEMA, *(domain.schema for domain in living)]]).fetchall()
    found = {name: facts for name, *facts in rows}
    for table, model in models_by_table(living).items():
        if table not in found:
            yield table, "the table is missing"
            continue
        protected, columns, policies = found[table]
        for column in sorted({str(f.column) for f in model._meta.local_concrete_fields} - set(columns)):
            yield table, f"column {column} is missing"
        declared = [policy.name for policy in access_of(model).policies()]
        for policy in sorted(set(declared) - set(policies)):
            yield table, f"policy {policy} is missing"
        if declared and not protected:
            yield table, "row-level security is not in force"
