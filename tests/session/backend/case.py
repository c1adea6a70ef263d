"""The form of a case: operations of a migration, and what they must do to the catalog."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.db.migrations.operations.base import Operation

from tests.session.backend.catalog import Line

Namer = Callable[[str], str]
"""Turns the name of a table into a ``db_table``, with or without a schema."""


@dataclass(frozen=True)
class Case:
    """Operations, and a part of each catalog line that they add or remove, no more and no fewer.

    ``gone``, ``renamed``: tables of which every line goes, or is now said of another name. ``renames``: the
    way back restores every definition, but under a name of Django's where PostgreSQL had made one up.
    ``lost``: what Django itself does not restore on the way back.
    """

    id: str
    operations: Callable[[Namer], list[Operation]]
    adds: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    atomic: bool = True
    renames: bool = False
    lost: tuple[str, ...] = ()

    def differences(self, before: frozenset[Line], after: frozenset[Line]) -> str:
        """What did not happen or should not have, a line each."""
        before = frozenset(line for line in before if line.table not in self.gone)
        for old, new in self.renamed:
            before = frozenset(_said_of(line, old, new) for line in before)
        return "\n".join(_unmatched(self.adds, after - before) + _unmatched(self.removes, before - after))

    def differences_on_return(self, before: frozenset[Line], back: frozenset[Line]) -> str:
        """What the way back did not restore, or left behind."""
        if self.renames:
            before = frozenset(line.anonymous() for line in before)
            back = frozenset(line.anonymous() for line in back)
        return "\n".join(_unmatched((), back - before) + _unmatched(self.lost, before - back))


def _said_of(line: Line, old: str, new: str) -> Line:
    definition = re.sub(rf"\b{old}\b", new, line.definition)
    return Line(line.kind, new if line.table == old else line.table, line.name, definition)


def _unmatched(parts: tuple[str, ...], lines: frozenset[Line]) -> list[str]:
    left = sorted(map(str, lines))
    absent = []
    for part in sorted(parts, key=len, reverse=True):
        match = next((line for line in left if part in line), None)
        if match is None:
            absent.append(f"expected: {part}")
        else:
            left.remove(match)
    return absent + [f"unexpected: {line}" for line in left]


def joined(table: str, one: str, other: str) -> tuple[str, ...]:
    """The lines of the table of a many-to-many field."""
    return (
        f"table {table}",
        *[f"column {table} {column}: " for column in ("id", one, other)],
        f"sequence {table} {table}_id_seq: bigint",
        f"constraint {table} {table}_pkey: PRIMARY KEY (id)",
        f"index {table} {table}_pkey: ",
        f"constraint {table} {table}_{one}_{other}_",
        f"index {table} {table}_{one}_{other}_",
        *[f": FOREIGN KEY ({column}) REFERENCES " for column in (one, other)],
        *[f" ON {table} USING btree ({column})" for column in (one, other)],
    )


def end(column: str, target: str) -> tuple[str, ...]:
    """The lines of one end of the many-to-many field of tickets."""
    return (
        f"column tickets_tags {column}: bigint not null",
        f"constraint tickets_tags tickets_tags_{column}_",
        f"uniq: UNIQUE (ticket_id, {column})",
        f"USING btree ({column})",
        f"USING btree (ticket_id, {column})",
    )
