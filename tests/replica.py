"""Servers made of the suite's own PostgreSQL by a base backup: a replica that follows the log, and one that is anybody's to
kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from shared.devserver.accounts import server_account
from shared.devserver.ports import LOOPBACK
from shared.devserver.postgres import EmbeddedPostgres
from tests.servers import database_url, own_port


class CopiedServer:
    """A server on this machine that has the databases, logins and passwords of the suite's."""

    def __init__(self, server: EmbeddedPostgres, port: int) -> None:
        self.server = server
        self.port = port

    def url(self, login: str | None = None) -> str:
        """The test database's, as a login or as the superuser."""
        parts = urlsplit(database_url(login))
        return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{LOOPBACK}:{self.port}"))

    def run(self, statement: str) -> None:
        """As the superuser."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def kill(self) -> None:
        """As if its machine had lost power: the server and all of its processes at once."""
        assert self.server.process is not None
        for child in _children(self.server.process.pid):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        self.server.process.kill()
        self.server.process.wait(10)

    def start_again(self) -> None:
        """After a kill, where it was."""
        self.port = self.server.start(self.port)


class StreamingReplica(CopiedServer):
    """A standby."""

    def catch_up(self) -> None:
        """Wait until it has everything that the primary has now."""
        with psycopg.connect(database_url(), autocommit=True) as primary:
            primary.execute("SELECT pg_switch_wal()")
            position = primary.execute("SELECT pg_current_wal_lsn()::text").fetchone()
        assert position is not None
        deadline = time.monotonic() + 30
        with psycopg.connect(self.url(), autocommit=True) as standby:
            while time.monotonic() < deadline:
                row = standby.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", position).fetchone()
                if row == (True,):
                    return
                time.sleep(0.02)
        raise AssertionError("the replica did not catch up")


@contextmanager
def streaming_replica() -> Iterator[StreamingReplica]:
    """Follows the suite's server; gone afterwards."""
    with _copy("--write-recovery-conf", durable=False) as (server, port):
        yield StreamingReplica(server, port)


@contextmanager
def copied_server() -> Iterator[CopiedServer]:
    """Goes its own way; what it has committed survives its death. Gone afterwards."""
    with _copy(durable=True) as (server, port):
        yield CopiedServer(server, port)


@contextmanager
def _copy(*options: str, durable: bool) -> Iterator[tuple[EmbeddedPostgres, int]]:
    """Made by pg_basebackup."""
    with psycopg.connect(database_url(), autocommit=True) as primary:
        row = primary.execute("SHOW data_directory").fetchone()
    assert row is not None
    if not Path(str(row[0])).parent.exists():
        pytest.skip("the suite's PostgreSQL runs elsewhere: it cannot be copied here")
    account = server_account()
    with tempfile.TemporaryDirectory(prefix="trellis-copy-") as made:
        folder = Path(made)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        log = folder / "log"
        server = EmbeddedPostgres(folder, log, account, durable=durable)
        command = [str(server.binaries() / "pg_basebackup"), "--pgdata", str(server.data), "--dbname"]
        command += [
            database_url(database="postgres"),
            *options,
            "--checkpoint=fast",
            "--no-sync",
        ]
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, **(account.popen if account else {})
        )
        assert done.returncode == 0, done.stderr
        port = server.start(own_port(5600))
        try:
            yield server, port
        finally:
            server.stop()
            shutil.rmtree(server.data, ignore_errors=True)


def _children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(") ")[2].split()[1]) == parent:
                found.append(int(stat.parent.name))
    return found
