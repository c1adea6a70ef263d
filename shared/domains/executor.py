"""Migrations that wait for locks politely (``shared.domains.patience``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg.errors import LockNotAvailable

from shared.domains.patience import StillLockedError, let_harmless_statements_wait, patiently


class PatientExecutor(MigrationExecutor):
    """Does a migration again that met a lock.

    That is sound for those that are atomic, the rule: PostgreSQL has taken everything back. One that is not stops with
    a sentence; its statements which block nobody have no limit, so it stops at none of those.
    """

    connection: Any

    def migrate(self, *args: Any, **kwargs: Any) -> Any:
        with self.connection.execute_wrapper(let_harmless_statements_wait):
            return super().migrate(*args, **kwargs)

    def apply_migration(
        self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        apply = super().apply_migration
        # A copy of the state, because applying changes it, also where it fails.
        return self._again(migration, lambda: apply(state.clone(), migration, fake, fake_initial))

    def unapply_migration(self, state: Any, migration: Any, fake: bool = False) -> Any:
        unapply = super().unapply_migration
        return self._again(migration, lambda: unapply(state.clone(), migration, fake))

    def _again(self, migration: Any, change: Callable[[], Any]) -> Any:
        def attempt() -> Any:
            # Django notes a migration after its commit: here both are one transaction, so nothing is done twice.
            with transaction.atomic(using=self.connection.alias):
                return change()

        if migration.atomic:
            return patiently(attempt, what=f"Migration {migration}")
        try:
            return change()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise StillLockedError(
                f"Migration {migration} is not atomic and met a table that another transaction holds: a part of it may "
                "have been done. Look at what the server has, undo that part, and migrate again."
            ) from error


class Command(migrate.Command):
    """Django's ``migrate`` with the patient executor (setting TENANT_BASE_MIGRATE_COMMAND)."""

    def handle(self, *args: Any, **options: Any) -> None:
        migrate.MigrationExecutor = PatientExecutor  # type: ignore[attr-defined]  # the command offers no other way
        try:
            super().handle(*args, **options)
        except StillLockedError as error:
            raise CommandError(str(error)) from error
