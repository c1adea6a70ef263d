"""A domain migrates alone: forward, back, while the others serve, and with a sentence where it cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections, migrations
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from pytest_django.fixtures import Settings

from shared.session import acting
from shared.tenancy.models import Tenant
from shared.tenancy.scopes import scopes_of
from shared.tenancy.services import issue_api_key
from tests.conftest import connection_as
from tests.installations import installation

LONGEST = 0.5  # seconds that a request may wait for the migration


def say(capsys: pytest.CaptureFixture[str], *command: str, **options: Any) -> str:
    call_command(*command, **options)
    return capsys.readouterr().out


def last_of(app: str) -> str:
    return max(name for label, name in MigrationLoader(None).disk_migrations if label == app)


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, list[str]], None]:
    """Put a migration of an app on the disk, as it were: SQL, and as many statements that undo it."""
    found: dict[tuple[str, str], migrations.Migration] = {}
    load_disk = MigrationLoader.load_disk

    def load(loader: MigrationLoader) -> None:
        load_disk(loader)
        loader.disk_migrations.update(found)

    def add(app: str, name: str, *statements: str) -> None:
        migration = migrations.Migration(name, app)
        migration.dependencies = [(app, last_of(app))]
        pairs = zip(statements[::2], statements[1::2], strict=True)
        migration.operations = [migrations.RunSQL(forth, back) for forth, back in pairs]
        found[app, name] = migration

    monkeypatch.setattr(MigrationLoader, "load_disk", load)
    return add


def test_with_nothing_to_do_it_says_so(migrator: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert say(capsys, "migrate_domain", "support") == "support: nothing to do.\n"
    assert "nothing to do" in say(capsys, "migrate_domains")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["suport"], "There is no domain 'suport': choose among shared, platform, support, crm, marketing."),
        (["support", "0999"], "support has no migration '0999': give the beginning of 0001_initial"),
        (
            ["platform", "00"],
            "Several migrations of platform_core begin with '00': give one of 0001_identity",
        ),
        (["support", "crm.0001"], "crm does not migrate with support: choose among support"),
        (["shared", "zero"], "shared cannot go back while .* build on it: run manage.py migrate_domain"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(migrator: Any, command: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence.replace("(", r"\(")):
        call_command("migrate_domain", *command)


def test_a_domain_that_this_process_does_not_serve_is_refused(migrator: Any, settings: Settings) -> None:
    settings.SERVE = ("support",)
    with pytest.raises(CommandError, match="limited to support and does not know where crm lives"):
        call_command("migrate_domain", "crm")


def test_a_server_that_does_not_answer_is_named(migrator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrator.close()
    monkeypatch.setitem(migrator.settings_dict, "PORT", "1")
    monkeypatch.setitem(migrator.settings_dict, "HOST", "127.0.0.1")
    with pytest.raises(CommandError, match=r"database of support does not answer .* correct DATABASE_URL"):
        call_command("migrate_domain", "support")


def test_the_login_must_be_that_of_migrations(db: None) -> None:
    with pytest.raises(CommandError, match="acts as the owner: set MIGRATION_DATABASE_URL"):
        call_command("migrate_domain", "support")


def test_what_a_domain_builds_on_comes_first(
    migrator: Any, pretend: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    pretend("shared", "9998_tried", "SELECT 1", "SELECT 1")
    pretend("support", "9999_tried", "SELECT 1", "SELECT 1")
    loaded = MigrationLoader(None).disk_migrations["support", "9999_tried"]
    loaded.dependencies.append(("shared", "9998_tried"))
    with pytest.raises(CommandError, match=r"builds on shared\.9998_tried.*migrate_domain shared first"):
        call_command("migrate_domain", "support")
    planned = say(capsys, "migrate_domains", plan=True)
    assert planned.index("shared.9998_tried") < planned.index("support.9999_tried")


def test_from_nothing_one_by_one() -> None:
    with installation() as made:
        made.must("prepare_database")
        for name in ("shared", "crm", "platform"):
            assert "applied" in made.must("migrate_domain", name)
        planned = made.must("migrate_domains", "--plan")
        assert "would apply support.0001_initial" in planned
        assert "crm.0001_initial" not in planned


def test_one_goes_to_nothing_and_comes_back_while_the_others_stay() -> None:
    with installation(copied=True) as made:
        tenant = made.must("create_tenant", "Acme").split()[0]
        assert "took back support.0001_initial" in made.must("migrate_domain", "support", "zero")
        with made.connection(login="trellis_web") as web:
            web.execute("SELECT set_config('role', 'trellis_crm', false)")
            web.execute("SELECT set_config('app.organization_id', %s, false)", [tenant])
            web.execute("SELECT count(*) FROM crm.deals")
            web.execute("RESET ROLE")
            assert web.execute("SELECT count(*) FROM support_app.django_migrations").fetchone() == (0,)
            assert web.execute("SELECT to_regclass('support_app.tickets')").fetchone() == (None,)
        assert "[ ] 0001_initial" in made.must("showmigrations", "support")
        made.must("migrate_domain", "support")
        assert "as declared" in made.must("check_domains")


@contextmanager
def traffic(requests: list[Callable[[], int]]) -> Iterator[list[int]]:
    """Clients who go on asking; the status of each answer."""
    answers: list[int] = []
    stop = threading.Event()

    def serve(request: Callable[[], int]) -> None:
        try:
            while not stop.is_set():
                answers.append(request())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=serve, args=[request]) for request in requests]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def watched(waits: list[float]) -> Iterator[None]:
    """How long requests wait for locks, as the server tells: what they take besides is the machine's affair."""
    stop = threading.Event()

    def watch() -> None:
        with connection_as(None) as connection:
            while not stop.wait(0.02):
                row = connection.execute(
                    "SELECT extract(epoch FROM max(clock_timestamp() - l.waitstart))::float FROM pg_locks l "
                    "JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.usename = 'trellis_web' "
                    "AND a.datname = current_database()"
                ).fetchone()
                if row and isinstance(row[0], float):
                    waits.append(row[0])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def requests_of(tenant: Tenant) -> list[Callable[[], int]]:
    with acting(domain="platform", organization=tenant.pk):
        every = scopes_of(*(domain.name for domain in settings.DOMAINS))
        _, key = issue_api_key(name="traffic", scopes=every, rate_limit=1_000_000)
    headers = {"authorization": f"Bearer {key}"}

    def open_ticket() -> int:
        body = {"subject": "Where is my parcel?", "customer_email": "ada@example.com"}
        return (
            Client()
            .post("/api/support/tickets", body, content_type="application/json", headers=headers)
            .status_code
        )

    def get(path: str) -> Callable[[], int]:
        return lambda: Client().get(path, headers=headers).status_code

    return [open_ticket, get("/api/support/tickets"), get("/api/crm/deals"), get("/api/marketing/segments")]


@pytest.mark.slow
def test_a_domain_migrates_while_all_serve(
    committed: Callable[[str], Tenant],
    migrator: Any,
    pretend: Callable[..., None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """ALTER TABLE needs the table for itself, and a transaction that has read it stays open for two seconds."""
    before = last_of("support")
    pretend(
        "support",
        "9999_tried",
        "ALTER TABLE support_app.tickets ADD COLUMN tried integer",
        "ALTER TABLE support_app.tickets DROP COLUMN tried",
    )
    tenant = in_a_thread(lambda: committed("Acme"))
    requests = in_a_thread(lambda: requests_of(tenant))
    waits: list[float] = []
    with watched(waits), traffic(requests) as answers:
        for command in (["support"], ["support", before]):
            with connection_as(None, autocommit=False) as reader:
                reader.execute("SELECT count(*) FROM support_app.tickets")
                end = threading.Timer(2, reader.rollback)
                end.start()
                began = time.monotonic()
                assert "support: 1 done." in say(capsys, "migrate_domain", *command)
                assert time.monotonic() - began > 1.5, "the migration did not have to wait"
                end.join()
    assert set(answers) == {200, 201}
    assert waits, "nobody ever waited: the traffic did not meet the migration"
    assert max(waits) < LONGEST


def in_a_thread(work: Callable[[], Any]) -> Any:
    """With the web process's own connection: this thread's is that of migrations."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return result[0]
