"""Django's MigrationRecorder over the ledgers of a database.

Commands, loaders and executors of Django and django-tenants make their recorder by calling ``MigrationRecorder``; here
that call is taught to answer with ours, so that there is no place that could forget it.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.migrations.exceptions import InconsistentMigrationHistory, MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from shared.domains import ledger
from shared.domains.registry import SHARED_SCHEMA, central_domain, domains, find_domain_of_app
from shared.domains.router import EVERYWHERE, domains_in, schema_of_app

Key = tuple[str, str]

KIT = SHARED_SCHEMA
"""The name under which the kit's own tables migrate, which every database has."""


@dataclass(frozen=True)
class Elsewhere:
    """A migration of an app that does not live in this schema or database: there is nothing to apply."""

    app: str
    name: str


def domain_of_label(app_label: str) -> str:
    """With whom an app migrates: its domain, the kit, or for libraries the central domain, beside which they live."""
    if app_label in EVERYWHERE:
        return KIT
    return (find_domain_of_app(app_label) or central_domain()).name


def labels_of(name: str) -> list[str]:
    """The apps that migrate with a domain, nested ones too; not those whose tables lie in the tenants' schemas, which
    `provision` migrates."""
    return [
        config.label
        for config in apps.get_app_configs()
        if domain_of_label(config.label) == name and config.name not in settings.TENANT_APPS
    ]


def migrations_on_disk(app_label: str) -> list[str]:
    """Names of an app's migrations, in order, without importing them."""
    module_name, _ = MigrationLoader.migrations_module(app_label)
    try:
        package = import_module(module_name) if module_name else None
    except ModuleNotFoundError:
        package = None
    path = getattr(package, "__path__", ())
    return sorted(
        name for _, name, is_package in pkgutil.iter_modules(path) if not is_package and name[0] not in "_~"
    )


class LedgerRecorder(MigrationRecorder):
    """Reads the union of the ledgers that lie in its database, writes each app's own.

    Migrations of apps that do not live there count as applied, so that no plan contains them. On a connection that is
    in a tenant's schema, what lives there are the TENANT_APPS.
    """

    connection: Any

    def schemas(self) -> list[str]:
        """The schemas whose ledgers lie here, the kit's first."""
        if self._in_tenant_schema():
            return [self.connection.schema_name]
        return [SHARED_SCHEMA, *(domain.schema for domain in domains_in(self.connection.alias))]

    def has_table(self) -> bool:
        """Whether anything was ever recorded here."""
        with _reading(), self.connection.cursor() as cursor:
            return bool(ledger.existing_ledgers(cursor, self._readable()))

    def ensure_schema(self) -> None:
        """Make the ledgers that are missing, and carry over that of an earlier state; changes nothing once done."""
        with self.connection.cursor() as cursor:
            existing = ledger.existing_ledgers(cursor, self._readable())
        missing = [schema for schema in self.schemas() if schema not in existing]
        if not missing and "public" not in existing:
            return
        try:
            with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
                ledger.lock_ledgers(cursor)
                for schema in missing:
                    self._create(cursor, schema)
                if "public" in self._readable() and ledger.existing_ledgers(cursor, ["public"]):
                    self._carry_over(cursor)
        except DatabaseError as error:
            raise MigrationSchemaMissing(
                f"The migration ledgers of {', '.join(missing) or 'public'} cannot be made ({error}): "
                "run manage.py prepare_database first."
            ) from error

    def recorded(self) -> ledger.Rows:
        """What the ledgers say of apps that live here, and of apps that are gone."""
        with _reading(), self.connection.cursor() as cursor:
            rows = ledger.read_ledgers(cursor, self._readable())
        return {key: applied for key, applied in rows.items() if self._home(key[0])}

    def applied_migrations(self) -> dict[Key, Any]:
        applied: dict[Key, Any] = {key: Elsewhere(*key) for key in self._elsewhere()}
        for (app, name), when in self.recorded().items():
            applied[app, name] = self.Migration(app=app, name=name, applied=when)
        return applied

    def record_applied(self, app: str, name: str) -> None:
        self._write(app, name, ledger.note_applied)

    def record_unapplied(self, app: str, name: str) -> None:
        self._write(app, name, ledger.note_unapplied)

    def flush(self) -> None:
        self.ensure_schema()
        with self.connection.cursor() as cursor:
            for schema in self.schemas():
                ledger.forget_all(cursor, schema)

    def _write(self, app: str, name: str, note: Any) -> None:
        schema = self._home(app)
        if schema is None:
            return  # it happened nowhere
        self.ensure_schema()
        with self.connection.cursor() as cursor:
            note(cursor, schema, app, name)

    def _home(self, app: str) -> str | None:
        return schema_of_app(self.connection, app)

    def _carry_over(self, cursor: Any) -> None:
        # By the schemas that are there: this process may serve fewer domains than the earlier ledger tells of.
        cursor.execute("SELECT nspname FROM pg_catalog.pg_namespace")
        there = {name for (name,) in cursor.fetchall()}
        homes: dict[str, str] = {}
        for config in apps.get_app_configs():
            domain = find_domain_of_app(config.label)
            if domain is not None and domain.schema in there and config.name not in settings.TENANT_APPS:
                homes[config.label] = domain.schema
        for schema in sorted({*homes.values()}):
            self._create(cursor, schema)
        ledger.carry_over(cursor, homes)

    def _elsewhere(self) -> Iterator[Key]:
        for config in apps.get_app_configs():
            if self._home(config.label) is not None:
                continue
            module, _ = MigrationLoader.migrations_module(config.label)
            for name in migrations_on_disk(config.label):
                yield config.label, name
                # A squashed migration counts as applied where all that it replaces does, and may outlive them.
                yield from import_module(f"{module}.{name}").Migration.replaces

    def _in_tenant_schema(self) -> bool:
        return bool(self.connection.schema_name != "public")

    def _readable(self) -> list[str]:
        """The ledgers to read: until it is carried over, that of an earlier state counts."""
        return self.schemas() if self._in_tenant_schema() else [*self.schemas(), "public"]

    def _create(self, cursor: Any, schema: str) -> None:
        readers = set() if self._in_tenant_schema() else ledger.ledger_readers(schema, domains())
        # Only those who get into the schema: a process limited by SERVE does not know which domains live here.
        cursor.execute(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = ANY(%s) "
            "AND has_schema_privilege(oid, %s, 'USAGE')",
            [list(readers), schema],
        )
        ledger.create_ledger(cursor, schema, [name for (name,) in cursor.fetchall()])


def _reading() -> Any:
    """Ledgers may be read outside of a unit: `runserver` and health look before any domain acts."""
    from shared.session import looking_up

    return looking_up()


def check_consistent_history(loader: MigrationLoader, connection: Any) -> None:
    """As Django's, for what is recorded here: an app that lives elsewhere has its history there."""
    recorder: Any = MigrationRecorder(connection)
    applied = recorder.applied_migrations()
    recorded = recorder.recorded() if isinstance(recorder, LedgerRecorder) else applied
    begun = {app for app, _ in recorded}
    for key in recorded.keys() & loader.graph.nodes.keys():
        for parent in loader.graph.node_map[key].parents:
            squashed = loader.replacements.get(parent)
            if parent in applied or (squashed and all(old in applied for old in squashed.replaces)):
                continue
            if (
                find_domain_of_app(key[0]) is None
                and find_domain_of_app(parent[0])
                and parent[0] not in begun
            ):
                continue  # a library's tables stay where the domain that it builds on has left, and may come back
            raise InconsistentMigrationHistory(
                f"Migration {'.'.join(key)} is applied before its dependency {'.'.join(parent)} on database "
                f"{connection.alias!r}: apply that first, or take the later one back."
            )


_create_project_state = MigrationExecutor._create_project_state  # type: ignore[attr-defined]


def create_project_state(executor: MigrationExecutor, with_applied_migrations: bool = False) -> Any:
    """As Django's, without migrations of elsewhere and of libraries that build on what has not been applied here yet:
    on an empty database a tenant's integration counts as applied, but refers to tenants that do not exist; and a
    library's tables stay where the domain that it builds on has left."""
    loader = executor.loader
    applied = loader.applied_migrations
    loader.applied_migrations = {
        key: migration
        for key, migration in applied.items()
        if (
            not isinstance(migration, Elsewhere)
            and (key not in loader.graph.nodes or find_domain_of_app(key[0]))
        )
        or (
            key in loader.graph.nodes and all(parent in applied for parent in loader.graph.forwards_plan(key))
        )
    }
    try:
        return _create_project_state(executor, with_applied_migrations)
    finally:
        loader.applied_migrations = applied


def install() -> None:
    """From now on every MigrationRecorder of one of the installation's databases is a LedgerRecorder."""

    def new(cls: type, connection: Any) -> Any:
        ours = cls is MigrationRecorder and connection is not None and connection.alias in settings.DATABASES
        return object.__new__(LedgerRecorder if ours else cls)

    MigrationRecorder.__new__ = new  # type: ignore[method-assign,assignment]
    MigrationLoader.check_consistent_history = check_consistent_history  # type: ignore[method-assign,assignment]
    MigrationExecutor._create_project_state = create_project_state  # type: ignore[attr-defined]
