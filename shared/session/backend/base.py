"""The connection: django-tenants' wrapper, with the search path set where it belongs.

django-tenants sets ``search_path`` at session level before every cursor, and a pool hands it to the next user
together with the connection. Here the path is one of the facts that ``acting`` sets for the transaction.
Only the connection of migrations (``"MIGRATIONS": True`` in its settings) obeys ``set_tenant`` and
``set_schema``, as ``migrate_schemas`` expects, and tells the server once a change.
"""

from __future__ import annotations

import select
from datetime import UTC
from typing import Any

from django.db.backends.postgresql.features import DatabaseFeatures as PostgreSQLFeatures
from django.db.utils import NotSupportedError
from django_tenants.postgresql_backend import base as django_tenants_base
from psycopg import OperationalError, adapters
from psycopg.errors import TooManyConnections
from psycopg.pq import Format, TransactionStatus

from shared.metrics.connections import OPEN, REFUSED
from shared.session.backend.introspection import DatabaseIntrospection
from shared.session.backend.opening import BEGIN, OpeningCursor, opening_of, set_opening
from shared.session.backend.operations import DatabaseOperations
from shared.session.backend.pool import Pool, pool_of
from shared.session.backend.schema import DatabaseSchemaEditor

_TIMES = adapters.types["timestamptz"].oid
_TIME_LOADER = adapters.get_loader(_TIMES, Format.TEXT)
"""psycopg's own, in C where that is installed."""


_FULL = (
    "too many clients",
    "too many connections",
    "remaining connection slots",
    "no more connections allowed",
)
"""How PostgreSQL and PgBouncer refuse a login for which there is no room; psycopg keeps no SQLSTATE of a login."""


def _has_input(descriptor: int) -> bool:
    """Whether there is something to read; poll, since select knows no descriptors above 1,023."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


class DatabaseFeatures(PostgreSQLFeatures):
    minimum_database_version = (15,)


class DatabaseWrapper(django_tenants_base.DatabaseWrapper):
    """A connection to PostgreSQL 15 or newer whose tables may carry their schema in ``db_table``.

    Keys of the settings beside Django's:

    - ``MIGRATIONS``: whether ``set_tenant`` and ``set_schema`` change the search path (default: no);
    - ``POOL``: ``{"size": …, "timeout": …}`` shares so many connections among the process's threads (default: each
      thread has its own);
    - ``ON_TABLE_CREATED``: dotted path of a function ``(schema_editor, model)`` called when a table was
      created or came into another schema; None for none (default: the kit's protection).
    """

    SchemaEditorClass = DatabaseSchemaEditor
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
    schema_name: str
    include_public_schema: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # django-tenants puts its own here, which changes the session's search path for every look-up.
        self.introspection = DatabaseIntrospection(self)
        self._taken_from: Pool | None = None
        self._pool: Pool | None = None  # once this wrapper has connected in full

    @property
    def home_schema(self) -> str | None:
        """The schema of unqualified names, or None where the server's search path decides."""
        return self.schema_name if self.settings_dict.get("MIGRATIONS") else None

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Work in a tenant's schema from now on; only remembered unless this is the migrations' connection.

        Unlike in django-tenants, content types stay cached: they live in ``public``, one set for all.
        """
        if (tenant.schema_name, include_public) != (self.schema_name, self.include_public_schema):
            self.search_path_set_schemas = None
        self.tenant = tenant
        self.schema_name = tenant.schema_name
        self.include_public_schema = include_public
        self.set_settings_schema(tenant.schema_name)
        if django_tenants_base.EXTRA_SET_TENANT_METHOD:
            django_tenants_base.EXTRA_SET_TENANT_METHOD(self, tenant)

    def _handle_search_path(self, cursor: Any = None) -> None:
        # What has been said holds until it is forgotten on close, on a change of schema, or on rollback, when
        # PostgreSQL takes a SET back with its transaction.
        if self.settings_dict.get("MIGRATIONS") and not self.search_path_set_schemas:
            super()._handle_search_path(cursor)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        # Django's loader of times is Python and only replaces the zone by UTC, which is the connection's already.
        # For a page of 25 tickets psycopg's takes 0.07 ms where Django's takes 0.57.
        if _TIME_LOADER is not None and self.timezone is UTC:
            cursor.adapters.register_loader(_TIMES, _TIME_LOADER)
        return cursor

    # --- The opening of a unit: see opening.py ----------------------------------------------------------------------

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if not self.settings_dict.get("MIGRATIONS"):
            params["cursor_factory"] = OpeningCursor
        return params

    def _start_transaction_under_autocommit(self) -> None:
        # Django calls this where a backend has it instead of switching psycopg's autocommit off, which would send
        # BEGIN on its own.
        if self.settings_dict.get("MIGRATIONS"):
            self._set_autocommit(False)
        else:
            set_opening(self.connection, BEGIN)

    def _set_autocommit(self, autocommit: bool) -> None:
        if (
            self.connection.autocommit != autocommit
        ):  # psycopg takes a lock and a turn of its loop for nothing
            super()._set_autocommit(autocommit)

    def say_first(self, statement: str) -> None:
        """Send ``statement`` together with the next one of the open transaction (at once on migrations')."""
        if self.settings_dict.get("MIGRATIONS"):
            with self.cursor() as cursor:
                cursor.execute(statement)
            return
        waiting = opening_of(self.connection)
        set_opening(self.connection, f"{waiting}; {statement}" if waiting else statement)

    def _commit(self) -> Any:
        if self.connection is not None and opening_of(self.connection).startswith(BEGIN):
            return self._drop_opening()  # nothing was said: there is no transaction to end
        self._drop_opening()
        return super()._commit()

    def _rollback(self) -> Any:
        self._drop_opening()
        return super()._rollback()

    def _savepoint_rollback(self, sid: str) -> None:
        # Facts that wait would be said in a failed transaction; the rollback restores the earlier ones anyway.
        if self.connection.info.transaction_status != TransactionStatus.IDLE:
            self._drop_opening()
        super()._savepoint_rollback(sid)

    def _drop_opening(self) -> None:
        if self.connection is not None:
            set_opening(self.connection, "")

    # --- Where connections come from and go to: see pool.py ---------------------------------------------------------

    def connect(self) -> None:
        """As Django's, which looks at settings, time zone and login; what is shared was looked at when it was new, and
        this wrapper has its guard since it first connected. A replica's is looked at each time."""
        ready = self._pool.take_ready() if self._pool is not None else None
        if ready is None:
            super().connect()
            self._pool = None if "REPLICA_OF" in self.settings_dict else self._taken_from
            return
        self.connection, self._taken_from = ready, self._pool
        self.in_atomic_block = self.needs_rollback = self.closed_in_transaction = self.errors_occurred = False
        self.autocommit = True  # a unit that was cut off may have left it off
        for left in (self.savepoint_ids, self.atomic_blocks, self.run_on_commit):
            left.clear()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        pool = pool_of(self)
        if pool is None:
            return self._connect(conn_params)
        taken = pool.take(lambda: self._connect(conn_params))
        self._taken_from = pool
        return taken

    def _connect(self, conn_params: dict[str, Any]) -> Any:
        try:
            made = super().get_new_connection(conn_params)
        except OperationalError as error:
            if not any(words in str(error) for words in _FULL):
                raise
            REFUSED.labels(self.alias, "server").inc()
            raise TooManyConnections(str(error)) from error
        OPEN.labels(self.alias).inc()
        return made

    def _close(self) -> None:
        pool, self._taken_from = self._taken_from, None
        if self.connection is None:
            return
        if pool is None:
            if not self.connection.closed:
                OPEN.labels(self.alias).dec()
            super()._close()
            return
        if self.in_atomic_block:  # this wrapper keeps it, and may not use it any more
            self.connection.close()
        pool.give_back(self.connection)

    def rest(self) -> None:
        """A unit has ended: a shared connection goes back to the others."""
        if self._taken_from is not None and not self.in_atomic_block:
            pool, raw = self._taken_from, self.connection
            self._taken_from = None
            self.connection = None  # type: ignore[assignment]  # as Django's close does
            pool.give_back(raw)

    @staticmethod
    def is_usable_raw(connection: Any) -> bool:
        """Whether an idle connection of psycopg is still open at the other end."""
        return not connection.closed and not _has_input(connection.fileno())

    def close_if_health_check_failed(self) -> None:
        """Drop a kept connection that the server has closed. An idle connection has nothing to read: if its socket
        is readable, the server has said goodbye (Django's own check asks ``SELECT 1`` at every request)."""
        if self.connection is None or self.in_atomic_block or self.pool or not self.health_check_enabled:
            return
        self.drop_if_closed()

    def drop_if_closed(self) -> None:
        """Drop a kept connection that the server has closed, outside of a unit."""
        if (
            self.connection is not None
            and not self.in_atomic_block
            and not self.is_usable_raw(self.connection)
        ):
            self.close()

    def check_database_version_supported(self) -> None:
        # libpq knows the version from the handshake: no query.
        major, minor = self.get_database_version()
        if (major, minor) < self.features.minimum_database_version:
            needed = self.features.minimum_database_version[0]
            raise NotSupportedError(
                f"Trellis needs PostgreSQL {needed} or newer, but the server of database {self.alias!r} is "
                f"PostgreSQL {major}.{minor}: upgrade it, or point the database's URL to a newer one."
            )
