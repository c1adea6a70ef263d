"""Terms of the rows that a table had before its custom fields were indexed: in batches, beside those who write.

The triggers come first (``upkeep.py``); from then on every change writes its terms. What was there is filled in after all
migrations, each batch a transaction of its own. A comment on the trigger says that it is done, and in which form.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from shared.domains.patience import patiently
from shared.records.versions.triggers import Memory
from shared.records.versions.upkeep import read_memory, remembering_tables

BATCH = 5000
_FIRST = uuid.UUID(int=0)
_MARK = """
SELECT obj_description(t.oid, 'pg_trigger') FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname = %s AND t.tgname = 'remember_insert'"""


def is_filled(cursor: Any, memory: Memory) -> bool:
    """Whether every row has its terms, in the present form; also where none are kept."""
    return not memory.noun or _mark_of(cursor, memory) == _mark(memory)


def fill_all(connection: BaseDatabaseWrapper, *, say: Callable[[str], None], domain: str = "") -> None:
    """Fill in what is missing in every table of a database, as the owner and outside of any transaction."""
    for schema, table, model in remembering_tables(connection.alias, domain):
        with connection.cursor() as cursor:
            memory = read_memory(cursor, schema, table, model)
            if memory is None or is_filled(cursor, memory):
                continue

            def step(after: uuid.UUID, memory: Memory = memory, cursor: Any = cursor) -> uuid.UUID | None:
                with transaction.atomic(using=connection.alias):
                    return fill_batch(cursor, memory, after)

            last: uuid.UUID | None = _FIRST
            while last is not None:
                last = patiently(lambda after=last: step(after), what=f"The index of {schema}.{table}")  # type: ignore[misc]
        say(f"Custom fields of {schema}.{table} are indexed")


def fill(cursor: Any, memory: Memory) -> None:
    """The same for one table, in the transaction of the caller."""
    last: uuid.UUID | None = None if is_filled(cursor, memory) else _FIRST
    while last is not None:
        last = fill_batch(cursor, memory, last)


def fill_batch(cursor: Any, memory: Memory, after: uuid.UUID) -> uuid.UUID | None:
    """The rows that follow an identifier; returns the last one's, None at the end, which it notes.

    Rows are locked before they are read: who changes one meanwhile comes before or after. Where terms of another form
    may be there, they go first.
    """
    cursor.execute(
        f"SELECT id FROM (SELECT id FROM {memory.record} WHERE id > %s ORDER BY id LIMIT {BATCH}) b "
        "ORDER BY id DESC LIMIT 1",
        [after],
    )
    found = cursor.fetchone()
    if found is None:
        mark = _mark(memory)
        cursor.execute(f"COMMENT ON TRIGGER remember_insert ON {memory.record} IS '{mark}'")
        return None
    last = found[0]
    part = f"id > '{after}' AND id <= '{last}'"
    # Statistics know nothing of what is being filled: go by the indexes.
    for name in ("enable_hashjoin", "enable_mergejoin"):
        cursor.execute(f"SET LOCAL {name} = off")
    anew = _mark_of(cursor, memory) is not None
    having = "true" if anew else memory.has_terms("n")
    cursor.execute(
        f"SELECT count(*) FROM (SELECT FROM {memory.record} n WHERE {part} AND ({having}) FOR NO KEY UPDATE) l"
    )
    rows = f"(SELECT * FROM {memory.record} WHERE {part})"
    if anew:
        cursor.execute(memory.drop_terms(rows))
    cursor.execute(memory.missing_terms(rows))
    return last  # type: ignore[no-any-return]  # of the driver


def _mark(memory: Memory) -> str:
    return f"terms {hashlib.sha256(memory.terms_of('rows').encode()).hexdigest()[:16]}"


def _mark_of(cursor: Any, memory: Memory) -> str | None:
    cursor.execute(_MARK, [memory.schema, memory.table])
    found = cursor.fetchone()
    return found[0] if found else None
