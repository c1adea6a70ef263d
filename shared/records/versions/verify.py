"""Whether versions tell the truth about themselves: no gap, no overlap, and the newest one is the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.records.versions.triggers import Memory

_FAULTS_SHOWN = 5


@dataclass(frozen=True)
class Fault:
    """What is wrong with one record's versions."""

    table: str
    record: str
    what: str


def verify_table(cursor: Any, memory: Memory) -> tuple[int, list[Fault]]:
    """The number of versions of a table, and the first faults of each kind. Sees every tenant: for the operator.

    Two passes over the version table in the order of its unique index, and one join with the records.
    """
    cursor.execute(f"SELECT count(*) FROM {memory.versions}")
    count: int = cursor.fetchone()[0]
    queries = [
        _chain(memory),
        _newest(memory),
        _unknown(memory),
        *([_unindexed(memory)] if memory.noun else ()),
    ]
    faults = [
        Fault(f"{memory.schema}.{memory.table}", str(record), what)
        for query in queries
        for record, what in _rows(cursor, query)
    ]
    return count, faults


def _rows(cursor: Any, query: str) -> Iterator[tuple[Any, str]]:
    cursor.execute(f"{query} LIMIT {_FAULTS_SHOWN}")
    yield from cursor.fetchall()


def _chain(memory: Memory) -> str:
    """Each version begins where the one before ends, and counts one more; the last one is open."""
    # Copies of the platform's tables in other databases begin with the version that they were copied as.
    begins = (
        ""
        if memory.schema == "shared"
        else " WHEN before IS NULL AND version <> 1 AND type = '+' THEN 'begins with version ' || version"
    )
    return f"""
SELECT id, fault FROM (
  SELECT id, CASE
    WHEN before <> version - 1 THEN 'version ' || version || ' follows version ' || before
    WHEN ended IS DISTINCT FROM valid_from AND before IS NOT NULL
      THEN 'version ' || version || ' begins at ' || valid_from || ', the one before ended at '
        || coalesce(ended::text, 'no time')
    WHEN valid_to <= valid_from THEN 'version ' || version || ' ends before it begins'
    WHEN after IS NULL AND valid_to IS NOT NULL THEN 'no version is open'{begins}
  END AS fault
  FROM (
    SELECT id, version, valid_from, valid_to, history_type AS type,
      lag(version) OVER one AS before, lag(valid_to) OVER one AS ended, lead(version) OVER one AS after
    FROM {memory.versions} WINDOW one AS (PARTITION BY organization_id, id ORDER BY version)
  ) chain
) found WHERE fault IS NOT NULL"""


def _newest(memory: Memory) -> str:
    """The open version is the record, column by column; one of type ``-`` says that there is none."""
    same = " AND ".join(f't."{c}" IS NOT DISTINCT FROM h."{c}"' for c in memory.columns)
    return f"""
SELECT h.id, CASE WHEN t.id IS NULL THEN 'the record is gone, and no version says so'
  WHEN h.history_type = '-' THEN 'the last version says that it was removed, but it is there'
  ELSE 'the record is not what its newest version says' END
FROM {memory.versions} h LEFT JOIN {memory.record} t ON t.organization_id = h.organization_id AND t.id = h.id
WHERE h.valid_to IS NULL AND CASE h.history_type WHEN '-' THEN t.id IS NOT NULL ELSE t.id IS NULL OR NOT ({same}) END"""


def _unknown(memory: Memory) -> str:
    """Every record has an open version."""
    return f"""
SELECT t.id, 'the record has no version' FROM {memory.record} t
WHERE NOT EXISTS (SELECT FROM {memory.versions} h
  WHERE h.organization_id = t.organization_id AND h.id = t.id AND h.valid_to IS NULL)"""


def _unindexed(memory: Memory) -> str:
    """Every custom field of every record is in the index, as it is."""
    kept = (
        f"SELECT i.record_id, i.term, i.created_at FROM {memory.terms} i "
        f"WHERE i.term >= '{memory.noun}.' AND i.term < '{memory.noun}/'"
    )
    wanted = f"SELECT w.record_id, w.term, w.created_at FROM ({memory.terms_of(memory.record)}) w"
    return f"""
SELECT record_id, 'its custom fields are indexed as something else: ' || term FROM (
  ({wanted} EXCEPT ALL {kept}) UNION ALL ({kept} EXCEPT ALL {wanted})
) differing"""
