"""Policies and grants of what was there before: a table knows nothing of a domain that is younger than itself.

``manage.py migrate_domains`` ends with this. What nobody can derive (a stray policy, an owner) stays for
``check_domains`` to name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import psycopg
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from shared.domains.access import POLICY_NAMES, access_of, grant_sql, policy_sql
from shared.domains.check.catalog import Catalog, Table
from shared.domains.check.compare import models_by_table, read_living
from shared.domains.check.functions import compare_callers, declared_functions, types_only
from shared.domains.check.libraries import compare_libraries, open_tables
from shared.domains.check.tables import compare_grants, compare_policies
from shared.domains.functions import function_access_sql
from shared.domains.operations import open_to_all_sql
from shared.domains.patience import patiently
from shared.domains.registry import Domain, domains
from shared.events.telling import TELLING, function_of, telling_sql
from shared.records.versions.filling import fill_all
from shared.records.versions.upkeep import settle_all


def apply_access(
    connection: BaseDatabaseWrapper, living: Sequence[Domain] = (), *, say: Callable[[str], None]
) -> None:
    """Give every table and function of ``connection``'s database, as their owner, the access that is declared, and
    every table the memory; what it held before is indexed."""
    for name, statements in access_statements(connection, living):

        def change(statements: list[str] = statements) -> None:
            with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)

        patiently(change, what=f"Access to {name}")
        say(f"Access to {name} is as declared again")
    settle_all(connection, say=say)
    fill_all(connection, say=say)


def access_statements(
    connection: BaseDatabaseWrapper | psycopg.Connection[Any], living: Sequence[Domain] = ()
) -> Iterator[tuple[str, list[str]]]:
    """What differs, by name, with the statements that mend it; nothing where the server is as declared."""
    living = tuple(living) or domains()
    catalog, schemas, _ = read_living(connection, living)
    expected = models_by_table(living)
    for table in catalog.tables.values():
        model = expected.get(table.parent or table.qualified)
        if model is not None:
            statements = [*_table_statements(table, model), *_telling_statements(table, model)]
            if statements:
                yield table.qualified, statements
    yield from _function_statements(catalog, schemas)
    if list(compare_libraries(catalog, living)):
        yield "tables of libraries", [s for table in open_tables() for s in open_to_all_sql(table)]


def _table_statements(table: Table, model: type[models.Model]) -> Iterator[str]:
    """Policies only where they differ: they lock the table, grants do not."""
    access = access_of(model)
    name = f'{table.schema}"."{table.name}'
    ours = {policy: found for policy, found in table.policies.items() if policy in POLICY_NAMES}
    if list(compare_policies(replace(table, policies=ours), access)):
        yield from policy_sql(name, access)
    if list(compare_grants(replace(table, column_grants=set()), model, access)):
        yield from grant_sql(name, access)


def _telling_statements(table: Table, model: type[models.Model]) -> Iterator[str]:
    """A table that was adopted has no triggers yet; one whose triggers were disabled gets them back."""
    tells = getattr(model, "tells", "")
    if tells and any(table.triggers.get(name) != "A" for name in TELLING):
        name = f'{table.schema}"."{table.name}'
        yield from telling_sql(name, tells if isinstance(tells, str) else function_of(name))


def _function_statements(catalog: Catalog, schemas: list[str]) -> Iterator[tuple[str, list[str]]]:
    declared = {types_only(signature): operation for signature, operation in declared_functions().items()}
    for function in catalog.functions.values():
        name = types_only(function.signature)
        if name not in declared or name.partition(".")[0] not in schemas:
            continue
        kind = {"lookup": declared[name].lookup, "private": declared[name].private}
        if list(compare_callers(function, **kind)):
            yield f"function {name}", list(function_access_sql(name, **kind))
