"""What the cases share: servers, databases with their rows (made when first asked for), one way to load."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import psycopg
from psycopg import sql

from bench import load
from bench.dataset import Share, column_names, fill, organizations, ticket_columns, write_rows_of
from bench.harness import Metrics, Variant
from bench.installation import Installation, install, installed
from bench.servers import Cluster, WsgiServer, run_command, wsgi_server

STOCK_SETTINGS = "bench.baselines.stock_drf.settings"
STOCK_TOKEN = "0123456789abcdef0123456789abcdef01234567"
FILTERED = "status=open&priority=high"


@dataclass(frozen=True, slots=True)
class HttpPlan:
    """How much load a turn puts on a server."""

    clients: int
    seconds: float


class Scene:
    """Servers, databases and rows of one run of the benchmarks."""

    def __init__(
        self,
        servers: Cluster,
        *,
        plan: HttpPlan,
        rounds: int,
        quick: bool,
        keep: bool,
        say: Callable[[str], None],
    ) -> None:
        self.servers = servers
        self.plan = plan
        self.rounds = rounds
        self.quick = quick
        self.keep = keep
        self.say = say
        self.ticket_rows = 50_000 if quick else 1_000_000
        self.shares: Sequence[Share] = organizations()
        self._databases: list[str] = []

    @property
    def tenant_rows(self) -> int:
        """How many tickets the measured tenant has."""
        return self.ticket_rows * self.shares[0].percent // 100

    def close(self) -> None:
        """Drop the databases of the run, unless they are to be kept."""
        if not self.keep:
            for name in self._databases:
                self.servers.drop_database(name)

    @cached_property
    def stock(self) -> Mapping[str, str]:
        """Environment of the stock project and of raw psycopg: a database of the measured tenant's rows."""
        name = self._database("stock")
        environment = {
            "BENCH_STOCK_DATABASE_URL": self.servers.url(name),
            "DJANGO_SETTINGS_MODULE": STOCK_SETTINGS,
        }
        with self._making(name) as connection:
            if connection is not None:
                self.say(f"  preparing {name}: {self.tenant_rows:,} tickets")
                run_command(["-m", "django", "migrate", "--run-syncdb", "-v0"], environment)
                connection.execute(
                    "INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, "
                    "is_staff, is_active, date_joined) "
                    "VALUES ('bench', '!', false, '', '', '', false, true, now())"
                )
                connection.execute(
                    "INSERT INTO authtoken_token (key, user_id, created) SELECT %s, id, now() FROM auth_user",
                    [STOCK_TOKEN],
                )
                fill(
                    connection,
                    sql.Identifier("stock_ticket"),
                    ticket_columns(self.ticket_rows, self.shares),
                    self.ticket_rows,
                    having=column_names(connection, "public", "stock_ticket"),
                    only=write_rows_of(self.shares[0], self.shares),
                )
        return environment

    @cached_property
    def trellis(self) -> Installation:
        """A migrated Trellis with tenants, API keys and rows."""
        name = self._database("trellis")
        with self._making(name) as connection:
            return install(
                self.servers, name, self.shares, self.ticket_rows, fresh=connection is not None, say=self.say
            )

    @cached_property
    def imports(self) -> Installation:
        """A migrated Trellis whose tenants have no customers yet; never kept."""
        name = self._database("import")
        self.servers.create_database(name)
        return install(self.servers, name, self.shares, 0, fresh=True, say=self.say)

    @contextlib.contextmanager
    def untouched(self) -> Iterator[Installation]:
        """A Trellis with its tenants and nothing else, of which PostgreSQL has no statistics: as after `migrate`."""
        name = self._database("untouched")
        self.servers.create_database(name, like=self._blank)
        made = installed(self.servers, name, self.shares)
        run_command(["manage.py", "prepare_database"], made.environment)
        try:
            yield made
        finally:
            self.servers.drop_database(name)

    @cached_property
    def _blank(self) -> str:
        """The database that ``untouched`` copies."""
        name = self._database("blank")
        self.servers.create_database(name)
        install(self.servers, name, self.shares, 0, fresh=True, say=self.say, analyse=False)
        return name

    def fresh(self, part: str) -> Installation:
        """As ``trellis``, never kept and for one case alone: it writes."""
        name = self._database(part)
        self.servers.create_database(name)
        return install(self.servers, name, self.shares, self.ticket_rows, fresh=True, say=self.say)

    @cached_property
    def demo(self) -> Installation:
        """A migrated Trellis with the demo tenants: a little of everything."""
        name = self._database("demo")
        with self._making(name) as connection:
            made = install(self.servers, name, self.shares, 0, fresh=connection is not None, say=self.say)
            if connection is not None:
                run_command(["manage.py", "seed_demo"], made.environment)
                run_command(["manage.py", "provision"], made.environment)
        return made

    @contextlib.contextmanager
    def serve_stock(self) -> Iterator[WsgiServer]:
        """The stock project."""
        with wsgi_server("bench.baselines.stock_drf.wsgi:application", self.stock) as server:
            yield server

    @contextlib.contextmanager
    def serve_raw(self) -> Iterator[WsgiServer]:
        """Raw psycopg."""
        with wsgi_server("bench.baselines.raw_wsgi:application", self.stock) as server:
            yield server

    @contextlib.contextmanager
    def serve_trellis(
        self, application: str = "config.wsgi:application", extra: Mapping[str, str] | None = None
    ) -> Iterator[WsgiServer]:
        """Trellis, as it is served outside of benchmarks, or by another WSGI module."""
        with wsgi_server(application, {**self.trellis.environment, **(extra or {})}) as server:
            yield server

    def http(
        self,
        name: str,
        server: WsgiServer,
        path: str,
        headers: Sequence[str] = (),
        *,
        seconds: float | None = None,
    ) -> Variant:
        """A variant that loads one URL of a server, for the plan's time or for ``seconds``."""

        def run() -> Metrics:
            cpu, database_cpu = server.cpu_seconds(), self.servers.cpu_seconds()
            seen = load.measure(
                server.url + path,
                headers=headers,
                clients=self.plan.clients,
                seconds=seconds or self.plan.seconds,
            )
            return {
                "requests_per_second": seen.requests_per_second,
                "p50_ms": seen.p50_ms,
                "p95_ms": seen.p95_ms,
                "p99_ms": seen.p99_ms,
                "server_cpu_ms": (server.cpu_seconds() - cpu) / seen.answered * 1000,
                "database_cpu_ms": (self.servers.cpu_seconds() - database_cpu) / seen.answered * 1000,
                "body_bytes": seen.body_bytes,
            }

        return Variant(name, run)

    def _database(self, part: str) -> str:
        name = f"bench_{part}_{self.tenant_rows // 1000}k"
        self._databases.append(name)
        return name

    @contextlib.contextmanager
    def _making(self, name: str) -> Iterator[psycopg.Connection[tuple[object, ...]] | None]:
        """A connection to the fresh database while it is filled; None when a complete one was kept."""
        with self.servers.connect() as maintenance:
            complete = maintenance.execute(
                "SELECT shobj_description(oid, 'pg_database') = 'complete' "
                "FROM pg_database WHERE datname = %s",
                [name],
            ).fetchone()
        if self.keep and complete and complete[0]:
            yield None
            return
        self.servers.create_database(name)
        with self.servers.connect(name) as connection:
            yield connection
            connection.execute(sql.SQL("COMMENT ON DATABASE {} IS 'complete'").format(sql.Identifier(name)))
