"""The plan: what moves where, what becomes of keys, and what is in the way. Making it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import models
from psycopg import sql

from shared.domains.adopting import AdoptionError
from shared.domains.adopting.columns import column_obstacles, fields_of, missing_columns
from shared.domains.adopting.legacy import LegacyTable, Reference, read_legacy
from shared.domains.adopting.mapping import Models, check_map, match_tables, of_library
from shared.domains.check.compare import models_by_table
from shared.domains.registry import OWNER_ROLE, SHARED_SCHEMA, Domain

SET_ASIDE = "before_trellis"
"""Where libraries' tables go, and the ledger, of which Trellis makes its own."""


@dataclass
class Move:
    """One table on its way: ``target`` is ``schema.table``."""

    table: LegacyTable
    target: str
    model: type[models.Model]
    notes: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """``dropped``: foreign keys that go without a successor."""

    moves: list[Move] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    dropped: list[Reference] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    @property
    def targets(self) -> dict[str, str]:
        """``schema.table`` of today → that of tomorrow."""
        return {f"public.{move.table.name}": move.target for move in self.moves}

    def lines(self) -> Iterator[str]:
        """The plan as people read it."""
        for move in self.moves:
            rows = "rows not counted yet" if move.table.rows is None else f"about {move.table.rows:,} rows"
            yield f"public.{move.table.name} → {move.target}, {rows}"
            for sequence in move.table.sequences:
                yield f"    sequence {sequence} comes along and goes on counting"
            for note in move.notes:
                yield f"    {note}"
        if self.set_aside:
            yield f"Set aside in schema {SET_ASIDE}, since migrate makes Trellis' own: {', '.join(self.set_aside)}"


def make_plan(
    connection: psycopg.Connection[Any],
    living: Sequence[Domain],
    named: Mapping[str, str],
    *,
    drop_keys: bool = False,
    tenant_given: bool = False,
) -> Plan:
    """Compare ``public`` with the models of the domains that live here; raises AdoptionError for a bad mapping."""
    schemas = [SHARED_SCHEMA, *(domain.schema for domain in living)]
    _check_prepared(connection, schemas)
    tables, references = read_legacy(connection, schemas)
    declared = models_by_table(living)
    check_map(named, tables, declared)
    plan = Plan()
    for name, targets in match_tables(tables, named, declared).items():
        match targets:
            case [target]:
                plan.moves.append(Move(tables[name], target, declared[target]))
            case []:
                plan.obstacles.append(
                    f"public.{name}: no model declares it; say in a mapping what it becomes, or `{name} = -` if it stays."
                )
            case _:
                plan.obstacles.append(
                    f"public.{name} may be {' or '.join(targets)}; say which in a mapping, or `{name} = -` if it stays."
                )
    moving = {move.table.name for move in plan.moves}
    plan.set_aside = [
        name
        for name, table in tables.items()
        if name not in moving and name not in named and of_library(name) and table.owner != OWNER_ROLE
    ]
    for move in plan.moves:
        _look_at(connection, plan, move, tenant_given)
    _look_at_keys(plan, references, declared, drop_keys)
    return plan


def _check_prepared(connection: psycopg.Connection[Any], schemas: list[str]) -> None:
    missing = connection.execute(
        "SELECT coalesce(string_agg(s, ', '), '') || CASE WHEN to_regrole(%s) IS NULL THEN ' and the roles' ELSE '' END "
        "FROM unnest(%s::text[]) s WHERE to_regnamespace(s) IS NULL",
        [OWNER_ROLE, schemas],
    ).fetchone()
    if missing and missing[0]:
        raise AdoptionError(f"The schemas {missing[0]} are missing: run manage.py prepare_database first.")


def _look_at(connection: psycopg.Connection[Any], plan: Plan, move: Move, tenant_given: bool) -> None:
    table, name = move.table, f"public.{move.table.name}"
    schema, _, bare = move.target.partition(".")
    exists = connection.execute("SELECT to_regclass(%s)", [f'"{schema}"."{bare}"']).fetchone()
    if exists and exists[0]:
        query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema, bare))
        (filled,) = connection.execute(query).fetchone() or (False,)
        if filled:
            plan.obstacles.append(f"{name}: {move.target} already has rows; only an empty table is replaced.")
    if table.partitioned != hasattr(move.model, "partitioned_by"):
        state = "is" if table.partitioned else "is not"
        plan.obstacles.append(f"{name}: {state} partitioned, unlike {move.target}; it cannot take its place.")
    for trigger in table.triggers:
        plan.obstacles.append(
            f"{name}: trigger {trigger} calls a function that is not Trellis'; drop it first."
        )
    found = list(column_obstacles(connection, table, move.model, tenant_given=tenant_given))
    plan.obstacles.extend(f"{name}: {sentence}" for sentence in found)
    if not found and (added := missing_columns(table, move.model)):
        move.notes.append(f"columns added with their default: {', '.join(added)}")


def _look_at_keys(plan: Plan, references: Sequence[Reference], declared: Models, drop_keys: bool) -> None:
    by_table = {f"public.{move.table.name}": move for move in plan.moves}
    targets = plan.targets
    for key in references:
        move = by_table.get(key.table)
        if move is None and key.target not in targets:
            continue  # it concerns none of the tables that move
        target = targets.get(key.target, key.target)
        columns = ", ".join(key.columns)
        if move is not None and _has_successor(move.model, key, target, declared):
            move.notes.append(
                f"foreign key {key.name} ({columns}) → {target} goes on as the model declares it"
            )
        elif drop_keys:
            plan.dropped.append(key)
            owner = move or by_table[key.target]
            owner.notes.append(f"foreign key {key.name} of {key.table} ({columns}) → {target} is dropped")
        else:
            plan.obstacles.append(f"{key.table}: {_why(move, key, target)}; --drop-crossing-keys drops it.")


def _has_successor(model: type[models.Model], key: Reference, target: str, declared: Models) -> bool:
    """Whether the model declares a reference by one of the key's columns to the same table."""
    for column in key.columns:
        reference = fields_of(model).get(column)
        if isinstance(reference, models.ForeignKey) and declared.get(target) is reference.remote_field.model:
            return True
    return False


def _why(move: Move | None, key: Reference, target: str) -> str:
    head = f"foreign key {key.name} ({', '.join(key.columns)}) → {target}"
    if move is None:
        return f"{head} comes from a table that does not move"
    if target.startswith("public."):
        return f"{head} refers to a table that does not move"
    if move.target.partition(".")[0] != target.partition(".")[0]:
        return f"{head} crosses from one domain into another"
    return f"{head} is declared by no model"
