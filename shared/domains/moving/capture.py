"""Noting what changes in the source while it is copied.

A schema ``move_<domain>`` in the source holds the state of the move, the keys of changed rows and the trigger function;
dropping it ends the capture and leaves nothing behind. Triggers work on every server and need nothing but the owner's
rights (decision 0025).
"""

from __future__ import annotations

from collections.abc import Callable

from psycopg import sql

from shared.domains.moving.tables import Connection, MovingTable
from shared.domains.patience import LIMITS, patiently

TRIGGER = "move_capture"
_STATE = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.state (step text PRIMARY KEY, value text NOT NULL DEFAULT '', at timestamptz NOT NULL DEFAULT now());
CREATE TABLE {schema}.changes (seq bigserial PRIMARY KEY, label text NOT NULL, key jsonb NOT NULL);
CREATE FUNCTION {schema}.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    IF tg_op = 'TRUNCATE' THEN
        RAISE EXCEPTION 'This table is being moved to another database: truncate it afterwards.';
    END IF;
    EXECUTE format('INSERT INTO {raw}.changes (label, key) SELECT %L, %s FROM changed t', tg_argv[0], tg_argv[1]);
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION {schema}.capture() FROM PUBLIC"""

_FENCE = """
CREATE OR REPLACE FUNCTION {schema}.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
BEGIN
    RAISE EXCEPTION 'relation "{old}" was moved to another database' USING ERRCODE = 'undefined_table';
END $$"""

_EVENTS = (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD"))


def move_schema(domain: str) -> str:
    """The schema that holds a move's state in the source."""
    return f"move_{domain}"


def begin_capture(connection: Connection, domain: str, *, target: str) -> None:
    """Create the state of a move. ``target`` is noted, so that nobody begins a second one to elsewhere."""
    schema = move_schema(domain)
    with connection.transaction():
        text = _STATE.replace("{raw}", schema).replace("{schema}", f'"{schema}"')
        connection.execute(text.encode())
        note(connection, domain, "target", target)


def capture_table(connection: Connection, domain: str, table: MovingTable) -> None:
    """Note every change of a table from now on; waits for writers that are at work already. Raises StillLockedError."""
    function = sql.Identifier(move_schema(domain), "capture")

    def create() -> None:
        for event, rows in _EVENTS:
            connection.execute(
                sql.SQL(
                    f"CREATE OR REPLACE TRIGGER {TRIGGER}_{event} AFTER {event.upper()} ON {{}} "
                    f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {{}}({{}}, {{}})"
                ).format(
                    table.identifier,
                    function,
                    sql.Literal(table.label),
                    sql.Literal(table.key_object("t").as_string(connection)),
                )
            )
        connection.execute(
            sql.SQL(
                f"CREATE OR REPLACE TRIGGER {TRIGGER}_truncate BEFORE TRUNCATE ON {{}} "
                "FOR EACH STATEMENT EXECUTE FUNCTION {}()"
            ).format(table.identifier, function)
        )
        for event in (*(event for event, _ in _EVENTS), "truncate"):  # whoever writes, and however
            connection.execute(
                sql.SQL(f"ALTER TABLE {{}} ENABLE ALWAYS TRIGGER {TRIGGER}_{event}").format(table.identifier)
            )

    in_a_moment(connection, create, what=f"Following the changes of {table.label}")


def fence(connection: Connection, domain: str, schema: str) -> None:
    """From the end of this transaction on, whoever still writes to the old tables is refused."""
    text = _FENCE.replace("{schema}", f'"{move_schema(domain)}"').replace("{old}", schema)
    connection.execute(text.encode())


def in_a_moment(
    connection: Connection, work: Callable[[], object], *, what: str, wait: str = LIMITS["lock_timeout"]
) -> None:
    """Run ``work`` in a transaction that waits only a moment for each lock, and is begun again if it must.

    Raises StillLockedError.
    """

    def attempt() -> None:
        with connection.transaction():
            connection.execute(f"SET LOCAL lock_timeout = '{wait}'")
            work()

    patiently(attempt, what=what)


def note(connection: Connection, domain: str, step: str, value: str = "") -> None:
    """Remember a step of the move, in the source."""
    connection.execute(
        sql.SQL(
            "INSERT INTO {} (step, value) VALUES (%s, %s) ON CONFLICT (step) DO UPDATE SET value = excluded.value"
        ).format(sql.Identifier(move_schema(domain), "state")),
        [step, value],
    )


def steps_of(connection: Connection, domain: str) -> dict[str, str]:
    """The steps that were noted; empty when no move of this domain is under way here."""
    schema = move_schema(domain)
    if not connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema]).rowcount:
        return {}
    rows = connection.execute(sql.SQL("SELECT step, value FROM {}").format(sql.Identifier(schema, "state")))
    return {str(step): str(value) for step, value in rows.fetchall()}


def end_capture(connection: Connection, domain: str) -> None:
    """Drop state, function and triggers."""
    drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(move_schema(domain)))
    in_a_moment(connection, lambda: connection.execute(drop), what=f"Ending the move of {domain}")
