"""A whole installation of its own: databases, environment files, server processes, commands; seen from outside."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
from psycopg import sql

from tests.installations import copy_database, template_of
from tests.servers import ROOT, database_url, own_port

START_SECONDS = 60.0


class CommandFailed(AssertionError):
    """A command of the installation ended with an error; the message holds its words."""


_numbers = itertools.count(1)


class Installation:
    """Databases on the suite's server, and processes that know nothing but their environment file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}_{next(_numbers)}"
        self.databases: list[str] = []
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        with _maintenance() as connection:
            for name in self.databases:
                connection.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )

    # --- Databases --------------------------------------------------------------------------------------------------

    def name_database(self, word: str) -> str:
        """A name for a database, dropped with the installation; the database itself is not made."""
        name = f"trellis_inst_{word}_{self.mark}"
        self.databases.append(name)
        with _maintenance() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        return name

    def copy_template(self, word: str, domain: str = "", *, template: str = "") -> str:
        """A migrated database, quickly: for all domains, or for one that lives there alone. With nothing in it, unless
        another one to copy is named."""
        name = self.name_database(word)
        with _maintenance() as connection:
            copy_database(connection, template or template_of(domain), name, domain)
        return name

    def rows(self, database: str, query: str, parameters: list[Any] | None = None) -> list[tuple[Any, ...]]:
        """What a superuser sees; for inspection."""
        with psycopg.connect(database_url(database=database), autocommit=True) as connection:
            found: list[tuple[Any, ...]] = connection.execute(query.encode(), parameters).fetchall()
            return found

    # --- Environment and processes ----------------------------------------------------------------------------------

    def write_environment(self, name: str, **variables: str) -> Path:
        """An environment file; every process gets the secrets that they have in common."""
        common = {
            "SECRET_KEY": os.environ["SECRET_KEY"],
            "API_KEY_PEPPER": os.environ["API_KEY_PEPPER"],
            "REDIS_URL": os.environ["REDIS_URL"],
            "ACTIVITY_HEADS_DIR": str(self.folder / "heads"),
            "EVENT_BUS_NAME": self.mark,
        }
        path = self.folder / f"{name}.env"
        path.write_text("".join(f"{key}={value}\n" for key, value in {**common, **variables}.items()))
        return path

    def environment(self, file: Path, **more: str) -> dict[str, str]:
        """What a process is started with: the machine's paths, and where its file is."""
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TMPDIR") if key in os.environ}
        return {**kept, "TRELLIS_ENV_FILE": str(file), **more}

    def manage(self, file: Path, *arguments: str, check: bool = True, **more: str) -> str:
        """Run a command; returns what it printed. Raises CommandFailed unless ``check`` is off."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(file, **more),
            capture_output=True,
            text=True,
            timeout=300,
        )
        if check and done.returncode:
            raise CommandFailed(f"{' '.join(arguments)}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        return done.stdout + done.stderr

    def start_command(self, file: Path, *arguments: str) -> subprocess.Popen[str]:
        """Start a command whose output is read as it comes."""
        return subprocess.Popen(
            [sys.executable, "-u", "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(file),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def serve(self, file: Path, *, address: str = "", **more: str) -> str:
        """Start a web process; returns its address once it answers."""
        address = address or f"http://localhost:{own_port(18000)}"
        port = address.rpartition(":")[2]
        settings = str(ROOT / "shared/devserver/gunicorn.py")
        log = self.folder / f"web-{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", settings, "--bind", f"127.0.0.1:{port}"],
                cwd=ROOT,
                env=self.environment(file, TRELLIS_PROCESS="web", WEB_WORKERS="1", WEB_THREADS="8", **more),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.processes[address] = process
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{address}/health/live", timeout=2):
                    return address
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise CommandFailed(f"The web process did not start:\n{log.read_text()[-3000:]}")

    def deliver_events(self, file: Path, *, name: str = "") -> str:
        """Start a process that delivers events; returns the name by which it is stopped."""
        name = name or f"events-{len(self.processes)}"
        with (self.folder / f"{name}.log").open("wb") as output:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "manage.py", "deliver_events"],
                cwd=ROOT,
                env=self.environment(file),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return name

    def stop(self) -> None:
        """End all processes."""
        for process in self.processes.values():
            process.terminate()
        for address in list(self.processes):
            self.stop_one(address)

    def stop_one(self, address: str) -> None:
        """End the process that answers at an address."""
        process = self.processes.pop(address)
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(database_url(database="postgres"), autocommit=True) as connection:
        yield connection
