"""A streaming replica of the suite's own PostgreSQL: a base backup that follows the log."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from shared.devserver.accounts import server_account
from shared.devserver.ports import LOOPBACK
from shared.devserver.postgres import EmbeddedPostgres
from tests.servers import database_url, own_port


class StreamingReplica:
    """A standby on this machine."""

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

    def kill(self) -> None:
        """As if its machine had lost power."""
        assert self.server.process is not None
        self.server.process.kill()
        self.server.process.wait(10)


@contextmanager
def streaming_replica() -> Iterator[StreamingReplica]:
    """Made by pg_basebackup; gone afterwards."""
    with psycopg.connect(database_url(), autocommit=True) as primary:
        row = primary.execute("SHOW data_directory").fetchone()
    assert row is not None
    if not Path(str(row[0])).parent.exists():
        pytest.skip("the suite's PostgreSQL runs elsewhere: its replica cannot be made here")
    account = server_account()
    with tempfile.TemporaryDirectory(prefix="trellis-replica-") as made:
        folder = Path(made)
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        log = folder / "log"
        server = EmbeddedPostgres(folder, log, account, durable=False)
        command = [str(server.binaries() / "pg_basebackup"), "--pgdata", str(server.data), "--dbname"]
        command += [
            database_url(database="postgres"),
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        ]
        done = subprocess.run(
            command, cwd="/", capture_output=True, text=True, **(account.popen if account else {})
        )
        assert done.returncode == 0, done.stderr
        port = server.start(own_port(5600))
        try:
            yield StreamingReplica(server, port)
        finally:
            server.stop()
            shutil.rmtree(server.data, ignore_errors=True)
