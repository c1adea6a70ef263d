"""Migrations of one domain, or of all, in the database where each lives: forward, and back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal
from django.db import OperationalError, connections
from django.db.migrations.loader import AmbiguityError
from django.db.migrations.recorder import MigrationRecorder

from shared.domains.executor import PatientExecutor
from shared.domains.recorder import KIT, Elsewhere, domain_of_label, labels_of
from shared.domains.registry import domains, serves
from shared.domains.router import alias_of, database_aliases, domains_in

BACK_TO_NOTHING = "zero"
_LOCK = 0x6D69_6772  # any constant: one process at a time migrates a domain
_PAUSE = 0.2  # seconds

Step = tuple[Any, bool]
"""A migration, and whether it is taken back."""


class MigrationRefusedError(RuntimeError):
    """The domain cannot be migrated as asked; the message says what to do."""


class Migrator:
    """Plans and runs migrations of some domains in one database; ``say`` gets a line for each step."""

    def __init__(self, alias: str, names: Sequence[str], say: Callable[[str], None]) -> None:
        self.connection: Any = connections[alias]
        self.names = list(names)
        self.say = say
        if not self.connection.settings_dict.get("MIGRATIONS"):
            raise MigrationRefusedError(
                "Migrating acts as the owner: set MIGRATION_DATABASE_URL, or LOGIN_PASSWORD_SEED, and leave "
                "TRELLIS_PROCESS alone."
            )

    @cached_property
    def executor(self) -> PatientExecutor:
        """Knows the migrations on disk and what the ledgers say, as of its first use."""
        with self._answering():
            executor = PatientExecutor(self.connection, self._tell)  # type: ignore[arg-type]  # django-stubs' is stricter
            executor.loader.check_consistent_history(self.connection)
        if conflicts := executor.loader.detect_conflicts():
            heads = "; ".join(f"{label}: {', '.join(found)}" for label, found in conflicts.items())
            raise MigrationRefusedError(
                f"Two migrations are the last ones ({heads}): run makemigrations --merge."
            )
        return executor

    def plan(self, target: str | None = None) -> list[Step]:
        """The steps to ``target`` (a migration's name or its beginning, or ``zero``), else to the newest.

        Raises MigrationRefusedError where they would touch other domains.
        """
        applied = self.executor.loader.applied_migrations
        plan: list[Step] = [
            step
            for step in self.executor.migration_plan(self._targets(target))
            if not isinstance(applied.get((step[0].app_label, step[0].name)), Elsewhere)
        ]
        strangers = [step for step in plan if domain_of_label(step[0].app_label) not in self.names]
        if strangers:
            raise MigrationRefusedError(self._strangers_sentence(strangers))
        return plan

    def run(self, plan: Sequence[Step]) -> None:
        """Do what was planned."""
        if not plan:
            return
        with self._answering():
            state = self.executor.migrate(None, plan=list(plan))
            if any(backwards for _, backwards in plan):
                return
            state.clear_delayed_apps_cache()
            emit_post_migrate_signal(
                verbosity=0,
                interactive=False,
                db=self.connection.alias,
                apps=state.apps,  # of what is there: tables of other domains may not be
                plan=list(plan),
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from migrating the same domains meanwhile; wait for one that does. Plan inside: what it
        did is done."""
        try:
            with self._answering():
                with self.connection.cursor() as cursor:
                    for name in self.names:
                        self._lock(cursor, name)
                MigrationRecorder(self.connection).ensure_schema()
            yield
        finally:
            self.connection.close()  # ends the locks, also where the connection was lost

    def _lock(self, cursor: Any, name: str) -> None:
        told = False
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCK, name])
            if cursor.fetchone()[0]:
                return
            if not told:
                self.say(f"Another process migrates {name}: waiting for it.")
                told = True
            time.sleep(_PAUSE)

    def _targets(self, target: str | None) -> list[tuple[str, str | None]]:
        graph = self.executor.loader.graph
        labels = [label for name in self.names for label in labels_of(name)]
        if target is None:
            return [key for label in labels for key in graph.leaf_nodes(label)]
        if target == BACK_TO_NOTHING:
            return [(label, None) for label in labels if label in self.executor.loader.migrated_apps]
        app, _, prefix = target.rpartition(".")
        (name,) = self.names
        app = app or (KIT if name == KIT else next(d.app for d in domains() if d.name == name))
        if app not in labels:
            raise MigrationRefusedError(
                f"{app} does not migrate with {name}: choose among {', '.join(labels)}."
            )
        try:
            found = self.executor.loader.get_migration_by_prefix(app, prefix)
        except AmbiguityError:
            begin = [key[1] for key in graph.nodes if key[0] == app and key[1].startswith(prefix)]
            raise MigrationRefusedError(
                f"Several migrations of {app} begin with {prefix!r}: give one of {', '.join(sorted(begin))}."
            ) from None
        except KeyError:
            known = ", ".join(sorted(key[1] for key in graph.nodes if key[0] == app))
            raise MigrationRefusedError(
                f"{app} has no migration {prefix!r}: give the beginning of {known}, or {BACK_TO_NOTHING}."
            ) from None
        return [(found.app_label, found.name)]

    def _strangers_sentence(self, strangers: Sequence[Step]) -> str:
        listed = ", ".join(str(migration) for migration, _ in strangers[:3])
        listed += f" and {len(strangers) - 3} more" if len(strangers) > 3 else ""
        others = sorted({domain_of_label(migration.app_label) for migration, _ in strangers})
        names = " and ".join(self.names)
        if strangers[0][1]:
            commands = " and ".join(f"manage.py migrate_domain {other} {BACK_TO_NOTHING}" for other in others)
            return f"{names} cannot go back while {listed} build on it: run {commands} first."
        return (
            f"{names} builds on {listed}, not applied yet: run manage.py migrate_domain {others[0]} first, "
            "or manage.py migrate_domains."
        )

    def _tell(self, action: str, migration: Any = None, fake: bool = False) -> None:
        if action == "apply_success":
            self.say(f"  applied {migration}")
        elif action == "unapply_success":
            self.say(f"  took back {migration}")

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except OperationalError as error:
            if self.connection.connection is not None and not self.connection.connection.closed:
                raise
            reason = str(error).strip().splitlines()[0]
            alias = self.connection.alias
            variable = "DATABASE_URL" if alias == "default" else f"{alias.upper()}_DATABASE_URL"
            raise MigrationRefusedError(
                f"The database of {' and '.join(self.names)} does not answer ({reason}): start it, or correct {variable}."
            ) from error


def migrators_of(name: str, say: Callable[[str], None]) -> Iterator[Migrator]:
    """That of a domain, in the database where it lives; for the kit one in each database."""
    known = [KIT, *(domain.name for domain in domains())]
    if name not in known:
        raise MigrationRefusedError(f"There is no domain {name!r}: choose among {', '.join(known)}.")
    if name != KIT and not serves(name):
        raise MigrationRefusedError(
            f"This process is limited to {', '.join(settings.SERVE)} and does not know where {name} lives: "
            "run the command where SERVE names it, or without SERVE."
        )
    for alias in database_aliases() if name == KIT else [alias_of(name)]:
        yield Migrator(alias, [name], say)


def migrators(say: Callable[[str], None]) -> Iterator[Migrator]:
    """One for each database: the kit first, then every domain that lives there."""
    for alias in database_aliases():
        yield Migrator(alias, [KIT, *(domain.name for domain in domains_in(alias))], say)
