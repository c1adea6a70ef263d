"""A PgBouncer before the suite's PostgreSQL, set up as docs/how-to/pgbouncer.md says."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.devserver.accounts import server_account
from shared.devserver.ports import LOOPBACK
from shared.domains.logins import login_password
from tests.servers import ROOT, SEED, database_url, own_port

BINARY = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
needs_pgbouncer = pytest.mark.skipif(
    BINARY is None, reason="there is no pgbouncer here: apt-get install pgbouncer (bash .ci/run does)"
)
HOW_TO = ROOT / "docs/how-to/pgbouncer.md"


def documented_settings() -> str:
    """The configuration that the how-to prints."""
    return HOW_TO.read_text().split("```ini\n")[1].split("```")[0]


@contextmanager
def pgbouncer(*logins: str, connections: int) -> Iterator[int]:
    """Its port. ``connections``: how many it opens to the server for each login."""
    assert BINARY is not None
    server = urlsplit(database_url("trellis_web"))
    port = own_port(6432)
    changes = {
        "* = ": f"host={server.hostname} port={server.port}",
        "listen_addr = ": LOOPBACK,
        "listen_port = ": str(port),
        "default_pool_size = ": str(connections),
        "unix_socket_dir = ": "",
    }
    account = server_account()
    with tempfile.TemporaryDirectory(prefix="trellis-pgbouncer-") as made:
        folder = Path(made)
        changes |= {"auth_file = ": str(folder / "userlist.txt")}
        ini = folder / "pgbouncer.ini"
        ini.write_text("".join(_changed(line, changes) for line in documented_settings().splitlines()))
        users = (f'"{login}" "{login_password(SEED, login)}"\n' for login in logins)
        (folder / "userlist.txt").write_text("".join(users))
        if account is not None:  # it refuses to run as root, like PostgreSQL
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, account.uid, account.gid)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [BINARY, str(ini)], cwd="/", stdout=log, stderr=log, **(account.popen if account else {})
            )
        try:
            _wait_for(port, process, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _changed(line: str, changes: dict[str, str]) -> str:
    for start, value in changes.items():
        if line.startswith(start):
            return f"{start}{value}\n"
    return f"{line}\n"


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text()[-3000:])
