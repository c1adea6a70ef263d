"""Erasure of a person: their words leave every table, version and entry of the log; that there were records stays.

Rows keep identifiers, times, amounts and chosen values, so that counts and the chain of seals hold. Texts, lists and
objects are blanked, in the live rows by the owner, whose writes leave versions as any other, then in versions and log by
functions that can do nothing else (``shared/domains/erasing.py``). The customer and what apps know of them are deleted.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from psycopg import sql
from psycopg.types.json import Jsonb

from shared.domains.access import access_of
from shared.domains.erasing import BLANKS
from shared.domains.moving.places import owner_connection, place_of
from shared.domains.registry import central_domain, split_table
from shared.domains.router import database_aliases, domains_in, lives_in
from shared.errors import Conflict
from shared.events.erasing import erase_from_events
from shared.privacy.models import CUSTOMER
from shared.privacy.people import Person, held_tables, search
from shared.records.references import CustomerReferenceRecord
from shared.records.versions.models import SUFFIX
from shared.records.versions.upkeep import remembers

KEPT = frozenset({"created_by_app"})
_CODE = 3
"""Texts of at most so many characters are codes, such as a currency."""

_TEXTS = (models.CharField, models.TextField, models.GenericIPAddressField)

Connection = psycopg.Connection[Any]


@dataclass
class Erased:
    """Rows by table with their ids, and entries of the log, that were blanked."""

    rows: dict[str, int] = field(default_factory=dict)
    records: list[uuid.UUID] = field(default_factory=list)
    versions: int = 0
    entries: int = 0


def blanks_of(model: type[models.Model]) -> dict[str, str]:
    """What becomes of each column that may hold a person's words (``erasing.BLANKS``).

    Chosen values, codes and what PostgreSQL derives from others hold none.
    """
    found = {}
    for column in model._meta.local_concrete_fields:
        if column.choices or column.name in KEPT or isinstance(column, models.GeneratedField):
            continue
        if isinstance(column, (models.JSONField, ArrayField)):
            found[str(column.column)] = "null" if column.null else "empty"
        elif isinstance(column, _TEXTS) and (column.max_length or _CODE + 1) > _CODE:
            found[str(column.column)] = "null" if column.null else "text"
    return found


def erase_person(person: Person, *, seed: str, reason: str, only_look: bool = False) -> Erased:
    """Erase a customer in every database; ``only_look`` counts what would be.

    ``seed``: LOGIN_PASSWORD_SEED, since the owner writes. The platform's database comes last: what is cut off before is
    found again by the same command. Raises Conflict where a legal hold stands, MoveError where the owner cannot sign in.
    """
    erased = Erased()
    central = central_domain()
    aliases = sorted(database_aliases(), key=lambda alias: central in domains_in(alias))
    for alias in aliases:  # all are asked for holds before any is changed
        with owner_connection(place_of(settings.DATABASES[alias]), seed) as connection:
            _refuse_held(connection, alias, person)
    for alias in aliases:
        with (
            owner_connection(place_of(settings.DATABASES[alias]), seed) as connection,
            connection.transaction(),
        ):
            _erase_in(connection, alias, person, erased, reason=reason, only_look=only_look)
    return erased


def _found(
    connection: Connection, alias: str, person: Person
) -> Iterator[tuple[Any, str, str, list[uuid.UUID]]]:
    """(model, schema, table, ids) of the person's rows, those too that only a version leads to."""

    def ids(model: type[models.Model], where: str, values: list[Any]) -> set[uuid.UUID]:
        place = _place(connection, model, person)
        if place is None:
            return set()
        names = [place[1], *([place[1] + SUFFIX] if remembers(model) else [])]
        query = sql.SQL(" UNION ").join(
            sql.SQL("SELECT id FROM {} WHERE {}").format(sql.Identifier(place[0], name), sql.SQL(where))  # type: ignore[arg-type]
            for name in names
        )
        return {key for (key,) in connection.execute(query, [*values] * len(names)).fetchall()}

    there = [model for model in held_tables() if lives_in(alias, model._meta.app_label)]
    for model, _, _, found in search(person, there, ids):
        place = _place(connection, model, person)
        if place is not None:
            yield model, *place, sorted(found)


def _place(connection: Connection, model: type[models.Model], person: Person) -> tuple[str, str] | None:
    schema, name = split_table(model._meta.db_table)
    schema = schema or f"tenant_{person.organization.hex}"
    row = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{schema}"."{name}"']).fetchone()
    return (schema, name) if row and row[0] else None


def _refuse_held(connection: Connection, alias: str, person: Person) -> None:
    ids = [key for _, _, _, found in _found(connection, alias, person) for key in found]
    held = connection.execute(
        "SELECT entity, record_id, reason FROM shared.legal_holds WHERE organization_id = %s AND released_at IS NULL "
        "AND (record_id = ANY(%s) OR (entity = %s AND record_id = ANY(%s))) LIMIT 1",
        [person.organization, ids, CUSTOMER, list(person.ids)],
    ).fetchone()
    if held:
        raise Conflict(
            f"{held[0]} {held[1]} is under a legal hold ({held[2]}): nothing was erased. Release it first."
        )


def _erase_in(
    connection: Connection, alias: str, person: Person, erased: Erased, *, reason: str, only_look: bool
) -> None:
    connection.execute(
        "SELECT set_config('app.actor_kind', 'system', true), set_config('app.actor_name', 'erase_person', true), "
        "set_config('app.reason', %s, true)",
        [reason],
    )
    everything: list[uuid.UUID] = []
    found = list(_found(connection, alias, person))
    for model, schema, name, ids in reversed(found):  # first what refers to others: it is found through them
        everything += ids
        if not ids:
            continue
        erased.rows[f"{schema}.{name}"] = len(ids)
        if only_look:
            continue
        blanks = _blank(connection, model, (schema, name), person, ids)
        if remembers(model):
            versions = "SELECT shared.erase_versions(%s, %s, %s, %s, %s)"
            blanks |= _derived(connection, model, (schema, name), ids)
            row = connection.execute(
                versions, [schema, name + SUFFIX, person.organization, ids, Jsonb(blanks)]
            ).fetchone()
            erased.versions += row[0] if row else 0
    erased.records += everything
    if not only_look:  # blanking has published what was there before
        erase_from_events(connection, person.organization, list(person.ids), erased.records)
    if everything and not only_look:
        _forget_answers(connection, person)
        owner = domains_in(alias)[0].name
        row = connection.execute(
            "SELECT shared.erase_entries(%s, %s, %s, %s, %s)",
            [person.organization, everything, min(person.ids, default=None), owner, reason],
        ).fetchone()
        erased.entries += row[0] if row else 0


def _blank(
    connection: Connection, model: Any, place: tuple[str, str], person: Person, ids: list[uuid.UUID]
) -> dict[str, str]:
    """Blank the live rows; returns how. A text that a rule of the table wants becomes one of its own."""
    plain = blanks_of(model)
    marked = {c: "mark" if b == "text" and _fits(model, c) else b for c, b in plain.items()}
    for blanks in (plain, marked):
        try:
            with connection.transaction():
                _update(connection, model, place, person, ids, blanks)
        except (psycopg.errors.CheckViolation, psycopg.errors.UniqueViolation):
            if blanks is marked:
                raise
        else:
            return blanks
    raise AssertionError("unreachable")


def _derived(
    connection: Connection, model: Any, place: tuple[str, str], ids: list[uuid.UUID]
) -> dict[str, str]:
    """What PostgreSQL derives from blanked columns, which versions have as plain ones: as a live row has it now."""
    columns = [
        str(column.column)
        for column in model._meta.local_concrete_fields
        if isinstance(column, models.GeneratedField) and isinstance(column.output_field, _TEXTS)  # type: ignore[attr-defined]
    ]
    if not columns:
        return {}
    query = sql.SQL("SELECT {} FROM {} WHERE id = ANY(%s) LIMIT 1").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(*place)
    )
    row = connection.execute(query, [ids]).fetchone() or [None] * len(columns)
    kinds = {None: "null", "": "text"}
    return {column: kinds.get(value, "mark") for column, value in zip(columns, row, strict=True)}


def _fits(model: Any, column: str) -> bool:
    limit = next(f.max_length for f in model._meta.local_concrete_fields if f.column == column)
    return limit is None or limit >= len("erased ") + 36


def _update(
    connection: Connection,
    model: Any,
    place: tuple[str, str],
    person: Person,
    ids: list[uuid.UUID],
    blanks: dict[str, str],
) -> None:
    changes: list[sql.Composable] = [
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.SQL(BLANKS[blank]))  # type: ignore[arg-type]
        for column, blank in blanks.items()
    ]
    if getattr(model, "describes", "") == "customer" or issubclass(model, CustomerReferenceRecord):
        changes.append(sql.SQL("deleted_at = coalesce(deleted_at, now())"))
    if not changes or access_of(model).derived:
        return
    connection.execute(
        sql.SQL("UPDATE {} SET {} WHERE organization_id = %s AND id = ANY(%s)").format(
            sql.Identifier(*place), sql.SQL(", ").join(changes)
        ),
        [person.organization, ids],
    )


def _forget_answers(connection: Connection, person: Person) -> None:
    """Answers kept for a day under idempotency keys may name the person."""
    words = [f"%{word}%" for word in (*map(str, person.ids), *person.emails)]
    connection.execute(
        "DELETE FROM shared.idempotency_keys k WHERE organization_id = %s AND lower(body) LIKE ANY(%s)",
        [person.organization, words],
    )
