"""The servers of a run: PostgreSQL and broker of its own, and WSGI servers that are all started alike."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".dev" / "bench"
WORKERS = 2
THREADS = 4


class ServerFailed(Exception):
    """A server did not come up; the message has the end of its log."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL server, by its superuser's URL, and a broker."""

    superuser_url: str
    redis_url: str

    def url(self, database: str, *, user: str = "", password: str = "") -> str:
        """The URL of a database, as superuser or as another login."""
        parts = urlsplit(self.superuser_url)
        location = parts.netloc
        if user:
            location = f"{user}:{password}@{location.rpartition('@')[2]}"
        return parts._replace(netloc=location, path=f"/{database}").geturl()

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A superuser's connection in autocommit."""
        return psycopg.connect(self.url(database), autocommit=True)

    def create_database(self, database: str, *, like: str = "template0") -> None:
        """A fresh database, empty or a copy of another (without the rights on it); an old one of that name is dropped."""
        self.drop_database(database)
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(database), sql.Identifier(like)
                )
            )

    def drop_database(self, database: str) -> None:
        """Drop a database of the run, with whoever is still connected."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def cpu_seconds(self) -> float:
        """Processor time that PostgreSQL has used so far; nan where it runs elsewhere or the system does not
        tell. A client that leaves takes its server process along, whose time the postmaster then keeps."""
        with self.connect() as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            postmaster = _parent(int(str(row[0]))) if row else 0  # asked while that process is there
        if not postmaster or "postgres" not in _command(postmaster):
            return float("nan")
        own = _cpu_seconds(postmaster, with_ended_children=True)
        return own + sum(_cpu_seconds(each) for each in _children(postmaster))

    def server_version(self) -> str:
        with self.connect() as connection:
            return str(connection.info.parameter_status("server_version"))


@contextlib.contextmanager
def cluster(
    database_url: str = "", redis_url: str = "", *, home: Path = HOME, keep: bool = False
) -> Iterator[Cluster]:
    """The embedded servers of the benchmarks' own home, durable as in `make run`; or the given ones."""
    if database_url:
        yield Cluster(database_url, redis_url or "redis://127.0.0.1:6379/0")
        return
    from shared.devserver.services import Services

    services = Services(home)
    urls = services.start()
    try:
        yield Cluster(urls.bootstrap_database_url, urls.redis_url)
    finally:
        services.stop()
        if not keep:
            services.forget()
            shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True)
class WsgiServer:
    """A running server and where it listens."""

    url: str
    process_id: int

    def cpu_seconds(self) -> float:
        """Processor time that its processes have used so far; nan where the system does not tell."""
        return sum(_cpu_seconds(each) for each in (self.process_id, *_children(self.process_id)))


def _children(process_id: int) -> list[int]:
    listing = Path(f"/proc/{process_id}/task/{process_id}/children")
    return [int(each) for each in listing.read_text().split()] if listing.exists() else []


def _stat(process_id: int) -> list[str]:
    """Fields of a process from the third on; none where there is no such process or no /proc."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(process_id: int) -> int:
    fields = _stat(process_id)
    return int(fields[1]) if fields else 0


def _command(process_id: int) -> str:
    try:
        return Path(f"/proc/{process_id}/cmdline").read_text()
    except OSError:
        return ""


def _cpu_seconds(process_id: int, *, with_ended_children: bool = False) -> float:
    fields = _stat(process_id)
    if not fields:
        return 0.0 if Path("/proc/self/stat").exists() else float("nan")
    return sum(map(int, fields[11 : 15 if with_ended_children else 13])) / os.sysconf("SC_CLK_TCK")


def children_cpu_seconds() -> float:
    """Processor time of this process's ended children, so of its commands."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def wsgi_server(
    application: str, environment: Mapping[str, str], *, workers: int = WORKERS, threads: int = THREADS
) -> Iterator[WsgiServer]:
    """Serve ``module:application`` with gunicorn, set up as `make run` does. All variants are served so."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "shared/devserver/gunicorn.py", application]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(workers), "--threads", str(threads)]
    command += ["--log-level", "warning"]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        try:
            _wait_for_port(port, process, log)
            yield WsgiServer(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: object, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=patience).close()
            return
        except urllib.error.HTTPError:
            return  # it answers: which status "/" has is of no interest
        except OSError:
            time.sleep(0.1)
    log.seek(0)  # type: ignore[attr-defined]
    raise ServerFailed(f"gunicorn did not come up on port {port}: {log.read()[-3000:]}")  # type: ignore[attr-defined]


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], *, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """Run a Python command of the repository; ServerFailed with its output when it fails."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise ServerFailed(
            f"{' '.join(arguments)} ended with {done.returncode}: {(done.stderr or done.stdout)[-3000:]}"
        )
    return done
