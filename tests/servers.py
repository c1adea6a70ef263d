"""Servers and databases of the suite; loaded by pytest before Django's settings (``-p tests.servers``).

One embedded PostgreSQL and Valkey serve a run (or those of DATABASE_URL, a login that may create roles, and
REDIS_URL). Migrations run once into a template database, which is kept until a migration changes; each worker
copies it. Tests sign in as the web login, which owns nothing and is subject to every policy.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from shared.devserver.ports import free_port
from shared.devserver.services import Services, ServiceUrls
from shared.domains.logins import login_password

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / ".dev" / "test"
SEED = "tests"
_services: Services | None = None


def own_port(first: int) -> int:
    """A free port from ``first`` on, in a range that no other worker of the run looks at: two that look at once would
    find the same one free."""
    return free_port(first + 100 * _worker_number())


def _worker_number() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def in_worker() -> bool:
    """Whether this process is a pytest-xdist worker."""
    return "PYTEST_XDIST_WORKER" in os.environ


def database_url(login: str | None = None, *, database: str | None = None) -> str:
    """The URL of this process's test database for a login; the superuser's when none is named."""
    bootstrap = urlsplit(os.environ["TRELLIS_TEST_BOOTSTRAP_URL"])
    name = database or os.environ["TRELLIS_TEST_DATABASE"]
    netloc = bootstrap.netloc
    if login is not None:
        address = f"{bootstrap.hostname or ''}" + (f":{bootstrap.port}" if bootstrap.port else "")
        netloc = f"{login}:{login_password(SEED, login)}@{address}"
    return urlunsplit((bootstrap.scheme, netloc, f"/{name}", bootstrap.query, ""))


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> None:
    if "--help" in args or "--version" in args:
        return
    if not in_worker():
        _start()
    _enter(os.environ.get("PYTEST_XDIST_WORKER", "main"))


def _start() -> None:
    """In the controlling process: servers, and the template database up to date."""
    global _services
    given_database, given_redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    urls = ServiceUrls(given_database or "", given_redis or "")
    if not given_database or not given_redis:
        _services = Services(HOME, durable=False, postgres=not given_database, valkey=not given_redis)
        own = _services.start()
        urls = ServiceUrls(given_database or own.bootstrap_database_url, given_redis or own.redis_url)
    # A run starts hundreds of processes, workers and commands: what one has compiled the next need not.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    os.environ["TRELLIS_TEST_BOOTSTRAP_URL"] = urls.bootstrap_database_url
    os.environ["REDIS_URL"] = urls.redis_url
    os.environ.update(
        TRELLIS_ENV_FILE=os.devnull,
        LOGIN_PASSWORD_SEED=SEED,
        SECRET_KEY="tests-only-secret-key-of-sufficient-length-0123456789",
        API_KEY_PEPPER="tests",
        BASE_URL="http://testserver",
    )
    template = f"trellis_template_{_fingerprint()}"
    os.environ["TRELLIS_TEST_TEMPLATE"] = template
    with _maintenance() as connection:
        connection.execute("SELECT pg_advisory_lock(7265)")  # two suites on one server make one template
        if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [template]).rowcount:
            _make_template(connection, template)


def _make_template(connection: psycopg.Connection[tuple[object, ...]], template: str) -> None:
    # Templates of earlier states go after a day; another checkout or branch may be using them until then.
    for (old,) in connection.execute(
        r"SELECT datname FROM pg_database WHERE datname LIKE 'trellis\_template\_%' "
        "AND coalesce(shobj_description(oid, 'pg_database')::timestamptz, '-infinity') < now() - interval '1 day'"
    ).fetchall():
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(str(old))))
    building = f"{template}_building"
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(building)))
    environment = {
        **os.environ,
        "BOOTSTRAP_DATABASE_URL": database_url(database=building),
        "MIGRATION_DATABASE_URL": database_url("trellis_migrator", database=building),
        "DATABASE_URL": database_url("trellis_web", database=building),
    }
    for command in ("prepare_database", "migrate"):
        done = subprocess.run(
            [sys.executable, "manage.py", command], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise pytest.UsageError(
                f"manage.py {command} failed:\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
            )
    made = sql.Literal(dt.datetime.now(dt.UTC).isoformat())
    connection.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(building), made))
    connection.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(building), sql.Identifier(template))
    )


def _fingerprint() -> str:
    """Changes when anything that shapes the database changes."""
    shape = hashlib.sha256()
    for file in sorted(_shaping_files()):
        shape.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return shape.hexdigest()[:12]


def _shaping_files() -> Iterator[Path]:
    for app in ROOT.glob("[!.]*/apps.py"):
        yield from app.parent.glob("**/migrations/*.py")
        yield from app.parent.glob("**/sql/*.sql")
    for package in ("domains", "records", "session/backend"):
        yield from (ROOT / "shared" / package).glob("*.py")
    yield ROOT / "config/settings/domains.py"


def _enter(worker: str) -> None:
    """In every process that runs tests: a copy of the template of its own, and the environment of a web process."""
    database = f"trellis_test_{worker}_{os.getpid()}"
    os.environ["TRELLIS_TEST_DATABASE"] = database
    broker = urlsplit(os.environ["REDIS_URL"])
    if in_worker():  # a broker database of its own: a test that empties it takes nothing from the others
        number = (int(broker.path.strip("/") or 0) + _worker_number()) % 16
        os.environ["REDIS_URL"] = urlunsplit(broker._replace(path=f"/{number}"))
    os.environ.update(
        DATABASE_URL=database_url("trellis_web"),
        WORKER_DATABASE_URL=database_url("trellis_worker"),
        MIGRATION_DATABASE_URL=database_url("trellis_migrator"),
        BOOTSTRAP_DATABASE_URL=database_url(),
        TRELLIS_PROCESS="web",
    )
    with _maintenance() as connection:
        _drop_stale(connection, worker)
        connection.execute(
            "SELECT pg_advisory_lock(7266)"
        )  # CREATE DATABASE … TEMPLATE tolerates no other user
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(os.environ["TRELLIS_TEST_TEMPLATE"])
            )
        )
        for statement in _database_grants(database):
            connection.execute(statement)


def _database_grants(database: str) -> Iterator[sql.SQL | sql.Composed]:
    """A copied database has its template's schemas, but not the rights on the database itself."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from shared.domains.roles import rights_on_database

    yield from rights_on_database(database)


def _drop_stale(connection: psycopg.Connection[tuple[object, ...]], worker: str) -> None:
    """Drop the copies that an earlier run left behind, unless somebody is using them."""
    for (name,) in connection.execute(
        r"SELECT datname FROM pg_database d WHERE datname LIKE %s "
        "AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = d.datname)",
        [f"trellis\\_test\\_{worker}\\_%"],
    ).fetchall():
        pid = str(name).rpartition("_")[2]
        if not (pid.isdigit() and Path(f"/proc/{pid}").exists()):
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(str(name))))


def _maintenance() -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(database_url(database="postgres"), autocommit=True)


def pytest_unconfigure() -> None:
    database = os.environ.get("TRELLIS_TEST_DATABASE")
    if database and "TRELLIS_TEST_BOOTSTRAP_URL" in os.environ:
        from django.db import connections

        connections.close_all()
        with _maintenance() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )
    if _services is not None and not in_worker():
        _services.stop()
