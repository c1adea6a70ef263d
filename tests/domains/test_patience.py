"""Changes of the schema beside real transactions: who waits for whom, and for how long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import migrations
from django.db.migrations.state import ProjectState

from shared.domains.executor import PatientExecutor
from shared.domains.patience import StillLockedError, let_harmless_statements_wait, patiently
from tests.conftest import connection_as

ADD = "ALTER TABLE crm.pipelines ADD COLUMN tried integer"
READ = "SELECT count(*) FROM crm.pipelines"
WRITE = "LOCK TABLE crm.pipelines IN ROW EXCLUSIVE MODE"


@contextmanager
def in_use_for(seconds: float, by: str = READ) -> Iterator[None]:
    """A transaction that has read the table (or what ``by`` does to it) and stays open meanwhile."""
    with connection_as(None, autocommit=False) as user:
        user.execute(by)
        end = threading.Timer(seconds, user.rollback)
        end.start()
        try:
            yield
        finally:
            end.join()


@contextmanager
def requests(durations: list[float]) -> Iterator[None]:
    """Others who go on reading all the time; how long each of them took."""
    stop = threading.Event()

    def serve() -> None:
        with connection_as(None) as connection:
            while not stop.is_set():
                began = time.monotonic()
                connection.execute(READ)
                durations.append(time.monotonic() - began)
                time.sleep(0.01)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def change(migrator: Any) -> Iterator[Callable[[str], None]]:
    """Runs a statement as the owner; the column is gone at the end."""

    def execute(statement: str) -> None:
        with migrator.cursor() as cursor:
            cursor.execute(statement)

    yield execute
    execute("ALTER TABLE crm.pipelines DROP COLUMN IF EXISTS tried")
    execute("DROP INDEX IF EXISTS crm.tried")


def migration_of(*statements: str, atomic: bool = True) -> migrations.Migration:
    migration = migrations.Migration("9999_tried", "crm")
    migration.operations = [migrations.RunSQL(list(statements), migrations.RunSQL.noop)]
    migration.atomic = atomic
    return migration


def test_the_login_waits_a_moment_and_works_a_minute(migrator: Any) -> None:
    with migrator.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, current_setting('lock_timeout'), current_setting('statement_timeout')"
        )
        assert cursor.fetchone() == ("trellis_owner", "100ms", "1min")


def test_a_change_goes_through_between_others_and_nobody_waits_long(change: Callable[[str], None]) -> None:
    durations: list[float] = []
    with requests(durations), in_use_for(1.2):
        began = time.monotonic()
        patiently(lambda: change(ADD), what="The column")
        took = time.monotonic() - began
    assert took > 0.8, "the open transaction was in the way"
    assert len(durations) > 20
    assert max(durations) < 0.5, f"a reader waited {max(durations):.2f} s"


def test_whoever_never_lets_go_is_told(change: Callable[[str], None]) -> None:
    with in_use_for(0.8), pytest.raises(StillLockedError, match="The column: gave up after"):
        patiently(lambda: change(ADD), what="The column", patience=0.3)


def test_other_errors_are_not_tried_again(change: Callable[[str], None]) -> None:
    began = time.monotonic()
    with pytest.raises(Exception, match="does not exist"):
        patiently(lambda: change("ALTER TABLE crm.nothing ADD COLUMN tried integer"), what="The column")
    assert time.monotonic() - began < 1


def test_a_migration_is_taken_back_and_done_again(migrator: Any, change: Callable[[str], None]) -> None:
    executor = PatientExecutor(migrator)
    # The first statement would fail if an earlier attempt had left its work behind.
    migration = migration_of("CREATE INDEX tried ON crm.pipelines (organization_id, created_at)", ADD)
    with in_use_for(0.7):
        executor.apply_migration(ProjectState(), migration)
    assert ("crm", "9999_tried") in executor.recorder.applied_migrations()
    executor.unapply_migration(ProjectState(), migration)
    assert ("crm", "9999_tried") not in executor.recorder.applied_migrations()


def test_a_migration_that_is_not_atomic_stops_and_says_so(
    migrator: Any, change: Callable[[str], None]
) -> None:
    executor = PatientExecutor(migrator)
    with in_use_for(0.7), pytest.raises(StillLockedError, match="9999_tried is not atomic"):
        executor.apply_migration(ProjectState(), migration_of(ADD, atomic=False))
    assert ("crm", "9999_tried") not in executor.recorder.applied_migrations()


def test_an_index_made_concurrently_waits_for_all(migrator: Any, change: Callable[[str], None]) -> None:
    index = "CREATE INDEX CONCURRENTLY tried ON crm.pipelines (organization_id, created_at)"
    durations: list[float] = []
    with (
        migrator.execute_wrapper(let_harmless_statements_wait),
        requests(durations),
        in_use_for(0.8, by=WRITE),
    ):
        change(index)
    assert max(durations) < 0.5
    with migrator.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'crm.tried'::regclass")
        assert cursor.fetchone() == (True,)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("100ms",), "the next statement is impatient again"
