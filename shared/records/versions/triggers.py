"""The SQL that makes a table remember: a function per table, written out column by column, and its triggers.

The triggers fire once per statement and read one transition table. What a row was before comes from the version that the
statement closes, found by its index, so that nothing grows with the table (decision 0032). ``shared.define_memory``
makes the functions, as the history role: nobody can sign in as it, and nobody else may write what they write.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psycopg import sql

from shared.records.constraints import short_name
from shared.records.custom_fields import terms

ACTIVITY = 'shared"."activity_events'
UNLOGGED = frozenset({"id", "organization_id", "version", "updated_at"})
"""Columns that every change has, or that an entry of the activity log has of its own."""

TRIGGERS = ("remember_insert", "remember_update", "remember_delete", "refuse_truncate")
GUARD = "refuse_rewriting"
"""On version tables and the activity log: nobody but the history role changes or removes a row."""

_FACTS = """
DECLARE
  _at timestamptz := clock_timestamp();
  _kind text := coalesce(nullif(current_setting('app.actor_kind', true), ''), 'database');
  _actor uuid := nullif(current_setting('app.actor_id', true), '')::uuid;
  _name text := coalesce(nullif(current_setting('app.actor_name', true), ''), session_user);
  _ip text := coalesce(current_setting('app.actor_ip', true), '');
  _agent text := coalesce(current_setting('app.user_agent', true), '');
  _request text := coalesce(current_setting('app.request_id', true), '');
  _reason text := coalesce(current_setting('app.reason', true), '');
  _role text := current_setting('role');
  _app text := CASE WHEN _role LIKE 'trellis\\_%' THEN substr(_role, 9) ELSE session_user END;
  _count bigint;
  _changed bigint;
BEGIN
"""


@dataclass(frozen=True)
class Memory:
    """A table that remembers: where it is, its ``columns`` that versions have too, those of them that are ``logged``.

    ``domain`` owns it, ``entity`` names what its rows are (``support.ticket``). ``noun`` is what the definitions of their
    custom fields call them; empty where these are not indexed. ``sorted`` are decimals that are indexed with them.
    """

    schema: str
    table: str
    columns: tuple[str, ...]
    logged: tuple[str, ...]
    domain: str
    entity: str
    noun: str = ""
    sorted: tuple[str, ...] = ()

    @property
    def function(self) -> str:
        return short_name("remember", self.table)

    @property
    def record(self) -> str:
        return f'"{self.schema}"."{self.table}"'

    @property
    def versions(self) -> str:
        return f'"{self.schema}"."{self.table}_history"'

    @property
    def terms(self) -> str:
        return f'"{self.schema}"."{terms.TABLE}"'

    def statements(self) -> Iterator[str]:
        """Function and triggers, whatever was there before."""
        literals = ", ".join(sql.Literal(v).as_string() for v in (self.schema, self.function, self.body()))
        yield f"SELECT shared.define_memory({literals})"
        events = (("INSERT", "NEW TABLE AS new_rows"), ("UPDATE", "NEW TABLE AS new_rows"))
        for event, rows in (*events, ("DELETE", "OLD TABLE AS old_rows")):
            yield (
                f"CREATE OR REPLACE TRIGGER remember_{event.lower()} AFTER {event} ON {self.record} "
                f'REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION "{self.schema}"."{self.function}"()'
            )
        yield (
            f"CREATE OR REPLACE TRIGGER refuse_truncate BEFORE TRUNCATE ON {self.record} "
            "FOR EACH STATEMENT EXECUTE FUNCTION shared.refuse_truncate()"
        )
        # Also where session_replication_role says that we are a replica.
        for name in ("touch_record", *TRIGGERS):
            yield f"ALTER TABLE {self.record} ENABLE ALWAYS TRIGGER {name}"

    def forgetting(self) -> Iterator[str]:
        """Taking the triggers off."""
        for name in TRIGGERS:
            yield f"DROP TRIGGER IF EXISTS {name} ON {self.record}"

    def first_versions(self) -> str:
        """A version for every row that has none open: for tables that had rows before they began to remember."""
        columns = ", ".join(f'"{c}"' for c in self.columns)
        return f"""
INSERT INTO {self.versions} ({columns}, valid_from, history_type, history_actor_kind, history_actor_name,
  history_request_id, history_change_reason, history_app)
SELECT {_list("t", self.columns)}, least(t.updated_at, clock_timestamp()),
  CASE t.version WHEN 1 THEN '+' ELSE '~' END, 'system', '', '', 'history begins', '{self.domain}'
FROM {self.record} t
WHERE NOT EXISTS (SELECT FROM {self.versions} h
  WHERE h.organization_id = t.organization_id AND h.id = t.id AND h.valid_to IS NULL)"""

    def missing_terms(self, rows: str) -> str:
        """Adding the terms that such rows lack."""
        return f"""
INSERT INTO {self.terms} (organization_id, record_id, created_at, term)
SELECT w.organization_id, w.record_id, w.created_at, w.term FROM ({self.terms_of(rows)}) w
WHERE NOT EXISTS (SELECT FROM {self.terms} i
  WHERE i.organization_id = w.organization_id AND i.record_id = w.record_id AND i.term = w.term)"""

    def drop_terms(self, rows: str) -> str:
        """Removing the terms of such rows."""
        return (
            f"DELETE FROM {self.terms} i USING {rows} n "
            "WHERE i.organization_id = n.organization_id AND i.record_id = n.id"
        )

    def has_terms(self, row: str) -> str:
        """Whether a row has any."""
        return " OR ".join(
            [f"{row}.custom_fields <> '{{}}'", *(f'{row}."{column}" IS NOT NULL' for column in self.sorted)]
        )

    def terms_of(self, rows: str) -> str:
        """Tenant, record, its time and term of such rows."""
        return terms.select_terms(self.noun, rows, self.sorted)

    def body(self) -> str:
        """The function: one branch for each event."""
        return f"""#variable_conflict use_variable{_FACTS}
  IF TG_OP = 'INSERT' THEN
{self._insert()}
  ELSIF TG_OP = 'UPDATE' THEN
{self._update()}
  ELSE
{self._delete()}
  END IF;
  RETURN NULL;
END"""

    def _insert(self) -> str:
        return f"""
    IF EXISTS (SELECT FROM new_rows n WHERE n.version <> 1) THEN
      -- A record that was removed and comes back: its versions go on.
      UPDATE {self.versions} h SET valid_to = greatest(_at, h.valid_from + interval '1 microsecond')
      FROM new_rows n
      WHERE h.organization_id = n.organization_id AND h.id = n.id AND h.valid_to IS NULL
        AND h.history_type = '-' AND h.version = n.version - 1;
      GET DIAGNOSTICS _count = ROW_COUNT;
      IF _count <> (SELECT count(*) FROM new_rows n WHERE n.version <> 1) THEN
        RAISE EXCEPTION 'A new record of % begins with version 1', TG_TABLE_NAME USING ERRCODE = 'check_violation';
      END IF;
    END IF;
    INSERT INTO {self.versions} ({self._version_columns()})
    SELECT {_list("n", self.columns)}, _at, '+', {_WHO}
    FROM new_rows n;
    INSERT INTO "{ACTIVITY}" ({_EVENT})
    SELECT {self._event("n.organization_id", "n.id", "n.version", "'created'", self._changes(None, "n"))}
    FROM new_rows n;{self._add_terms()}"""

    def _update(self) -> str:
        returned = [f'n."{c}" AS n{i}, h."{c}" AS o{i}' for i, c in enumerate(self.columns)]
        new = {c: f"c.n{i}" for i, c in enumerate(self.columns)}
        old = {c: f"c.o{i}" for i, c in enumerate(self.columns)}
        removed, was_removed = new.get("deleted_at", "NULL"), old.get("deleted_at", "NULL")
        action = (
            f"CASE WHEN {removed} IS NOT NULL AND {was_removed} IS NULL THEN 'deleted' "
            f"WHEN {removed} IS NULL AND {was_removed} IS NOT NULL THEN 'restored' ELSE 'updated' END"
        )
        changes = _changes({c: (old[c], new[c]) for c in self.logged})
        event = self._event(
            new["organization_id"], new["id"], new["version"], action, changes, at="c.valid_to"
        )
        quiet = set(self.columns) - set(self.logged) - UNLOGGED
        loud = f" WHERE {_any_differs(old, new, self.logged)}" if quiet else ""
        count, replace = "count(*) INTO _count", ""
        if self.noun:
            change = _any_differs(old, new, ["custom_fields", "created_at", *self.sorted])
            count = f"count(*), count(*) FILTER (WHERE {change}) INTO _count, _changed"
            replace = f"""
    IF _changed > 0 THEN{self._drop_terms("new_rows")}{self._add_terms()}
    END IF;"""
        return f"""
    WITH closed AS (
      UPDATE {self.versions} h SET valid_to = greatest(_at, h.valid_from + interval '1 microsecond')
      FROM new_rows n
      WHERE h.organization_id = n.organization_id AND h.id = n.id AND h.valid_to IS NULL
        AND h.version = n.version - 1
      RETURNING {", ".join(returned)}, h.valid_to
    ), opened AS (
      INSERT INTO {self.versions} ({self._version_columns()})
      SELECT {", ".join(new[c] for c in self.columns)}, c.valid_to, '~', {_WHO} FROM closed c
    ), logged AS (
      INSERT INTO "{ACTIVITY}" ({_EVENT})
      SELECT {event}
      FROM closed c{loud}
    )
    SELECT {count} FROM closed c;
    IF _count <> (SELECT count(*) FROM new_rows) THEN
      RAISE EXCEPTION 'Rows of % do not continue their last version', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation',
              HINT = 'Identifier, tenant and version of a record never change by hand. Run manage.py verify_history.';
    END IF;{replace}"""

    def _add_terms(self) -> str:
        if not self.noun:
            return ""
        return f"""
    INSERT INTO {self.terms} (organization_id, record_id, created_at, term){self.terms_of("new_rows")};"""

    def _drop_terms(self, rows: str) -> str:
        """Planned each time, by the number of rows that there are: a plan kept from a large statement would read the
        whole index for a single row."""
        return f"""
      EXECUTE '{self.drop_terms(rows)}';"""

    def _delete(self) -> str:
        columns = ", ".join("o.version + 1" if c == "version" else f'o."{c}"' for c in self.columns)
        event = self._event(
            "o.organization_id",
            "o.id",
            "o.version + 1",
            "'removed'",
            self._changes("o", None),
            at="o.valid_to",
        )
        drop = ""
        if self.noun:
            drop = f"""
    IF EXISTS (SELECT FROM old_rows o WHERE {self.has_terms("o")}) THEN{self._drop_terms("old_rows")}
    END IF;"""
        return f"""
    WITH closed AS (
      UPDATE {self.versions} h SET valid_to = greatest(_at, h.valid_from + interval '1 microsecond')
      FROM old_rows o
      WHERE h.organization_id = o.organization_id AND h.id = o.id AND h.valid_to IS NULL
      RETURNING {_list("o", self.columns)}, h.valid_to
    ), opened AS (
      INSERT INTO {self.versions} ({self._version_columns()})
      SELECT {columns}, o.valid_to, '-', {_WHO} FROM closed o
    )
    INSERT INTO "{ACTIVITY}" ({_EVENT})
    SELECT {event}
    FROM closed o;{drop}"""

    def _version_columns(self) -> str:
        own = ", ".join(f'"{c}"' for c in self.columns)
        return (
            f"{own}, valid_from, history_type, history_actor_kind, history_user_id, history_actor_name, "
            "history_request_id, history_change_reason, history_app"
        )

    def _changes(self, old: str | None, new: str | None) -> str:
        return _changes(
            {c: (old and f'{old}."{c}"', new and f'{new}."{c}"') for c in self.logged}  # type: ignore[misc]
        )

    def _event(
        self, organization: str, id: str, version: str, action: str, changes: str, at: str = "_at"
    ) -> str:
        return (
            f"nextval('shared.activity_position'), gen_random_uuid(), {organization}, "
            f"'{self.domain}', {at}, '{self.entity}', {id}, {version}, {action}, {changes}, "
            "_app, _kind, _actor, _name, _ip, _agent, _request, _reason"
        )


_WHO = "_kind, _actor, _name, _request, _reason, _app"
_EVENT = (
    "position, nonce, organization_id, domain, at, entity_type, entity_id, entity_version, action, changes, "
    "app, actor_kind, actor_id, actor_name, actor_ip, user_agent, request_id, reason"
)


def _list(alias: str, columns: Sequence[str]) -> str:
    return ", ".join(f'{alias}."{c}"' for c in columns)


def _changes(values: dict[str, tuple[str | None, str | None]]) -> str:
    """``{"status": [old, new]}`` of what differs, as text first: each part is made only where it is needed."""
    parts = []
    for column, (old, new) in values.items():
        differs = f"{old} IS DISTINCT FROM {new}" if old and new else f"{old or new} IS NOT NULL"
        before = f"coalesce(to_json({old})::text, 'null')" if old else "'null'"
        after = f"coalesce(to_json({new})::text, 'null')" if new else "'null'"
        parts.append(f"""CASE WHEN {differs} THEN '"{column}":[' || {before} || ',' || {after} || ']' END""")
    joined = ", ".join(parts)
    return f"('{{' || concat_ws(',', {joined}) || '}}')::jsonb"


def _any_differs(old: dict[str, str], new: dict[str, str], columns: Sequence[str]) -> str:
    return " OR ".join(f"{old[c]} IS DISTINCT FROM {new[c]}" for c in columns)


def guard_statements(table: str) -> Iterator[str]:
    """What a version table or a part of the activity log gets: its rows are neither changed nor removed.

    ``table`` is quoted: ``"support_app"."tickets_history"``.
    """
    yield (
        f"CREATE OR REPLACE TRIGGER {GUARD} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION shared.refuse_rewriting()"
    )
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {GUARD}"
