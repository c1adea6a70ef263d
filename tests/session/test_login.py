"""A process refuses to work under a login that row-level security does not bind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from shared.domains.logins import login_password
from shared.session import looking_up
from shared.session.login import UnsafeLoginError
from shared.tenancy.models import Tenant
from tests.conftest import connection_as
from tests.servers import ROOT, SEED, database_url


@pytest.fixture
def sign_in(committed: Callable[[str], Tenant]) -> Iterator[Callable[[str | None], None]]:
    """Signs Django's connection in as another login and sends a statement."""
    connection = connections["default"]
    connection.close()
    before = dict(connection.settings_dict)

    def use(login: str | None) -> None:
        from psycopg.conninfo import conninfo_to_dict

        url = conninfo_to_dict(database_url(login))
        connection.settings_dict.update(USER=url["user"], PASSWORD=url.get("password", ""))
        with looking_up(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

    yield use
    connection.close()
    connection.settings_dict.update(USER=before["USER"], PASSWORD=before["PASSWORD"])


@pytest.mark.parametrize(
    ("kind", "login", "fault"),
    [
        ("web", None, "is a superuser"),
        ("worker", None, "is a superuser"),
        ("web", "trellis_worker", "is a member of trellis_operator"),
        ("web", "trellis_migrator", "is a member of trellis_owner"),
        ("worker", "trellis_migrator", "is a member of trellis_owner"),
    ],
)
def test_a_powerful_login_is_refused_with_what_to_do(
    sign_in: Callable[[str | None], None], settings: Settings, kind: str, login: str | None, fault: str
) -> None:
    settings.PROCESS_KIND = kind
    for _ in range(2):  # a refused connection must not stay open for the next statement
        with pytest.raises(UnsafeLoginError, match=f"(?s){fault}.*Use the login trellis_{kind}"):
            sign_in(login)
    assert connections["default"].connection is None


@pytest.mark.parametrize(
    ("kind", "login"), [("web", "trellis_web"), ("worker", "trellis_worker"), ("web", "trellis_crm_app")]
)
def test_the_right_login_is_accepted(
    sign_in: Callable[[str | None], None], settings: Settings, kind: str, login: str
) -> None:
    settings.PROCESS_KIND = kind
    sign_in(login)


def test_bypassrls_is_refused(sign_in: Callable[[str | None], None]) -> None:
    with connection_as(None) as superuser:
        login = f"bypass_probe_{os.getpid()}"
        password = login_password(SEED, login)
        superuser.execute(f"CREATE ROLE {login} LOGIN NOINHERIT BYPASSRLS PASSWORD '{password}'")
        superuser.execute(f"GRANT CONNECT ON DATABASE {os.environ['TRELLIS_TEST_DATABASE']} TO {login}")
        try:
            with pytest.raises(UnsafeLoginError, match="has BYPASSRLS"):
                sign_in(login)
        finally:
            connections["default"].close()
            superuser.execute(f"DROP OWNED BY {login}")
            superuser.execute(f"DROP ROLE {login}")


def test_a_web_process_will_not_start_as_superuser() -> None:
    environment = {**os.environ, "DATABASE_URL": database_url(None)}
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        env=environment,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode != 0
    assert "it is a superuser, so PostgreSQL would not keep tenants and apps apart" in done.stderr


def test_a_web_process_starts_without_its_database_and_says_so() -> None:
    nowhere = "postgresql://trellis_web:x@127.0.0.1:9/trellis"
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi; print('started')"],
        env={**os.environ, "DATABASE_URL": nowhere},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert "started" in done.stdout
    assert "The database cannot be reached at start" in done.stderr


def test_a_web_process_needs_its_secrets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"],
        env={**os.environ, "API_KEY_PEPPER": ""},
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode != 0
    assert "API_KEY_PEPPER is not set" in done.stderr
