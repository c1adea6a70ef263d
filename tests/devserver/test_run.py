"""`make run` as people meet it: it starts, serves, stops without a trace, and starts again with its data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.devserver.locks import is_held
from shared.devserver.ports import is_free
from shared.domains.registry import domains
from tests.devserver.test_refusals import ROOT, free_port, refusal_of_run
from tests.devserver.test_services import eventually

START_SECONDS = 300  # the first start migrates, and the machine may be busy with other tests

pytestmark = [pytest.mark.slow, pytest.mark.faults]


class Running:
    """A platform of the test's own."""

    def __init__(self, home: Path, port: str) -> None:
        self.home = home
        self.port = int(port)
        self.output = home.parent / "output"
        plain = {
            k: v for k, v in os.environ.items() if not k.endswith("_URL") and not k.startswith("TRELLIS_")
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shared.devserver.run", "--home", str(home)],
                cwd=ROOT,
                env=plain | {"PORT": port},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        end = time.monotonic() + START_SECONDS
        while "Ctrl-C stops everything" not in (text := self.output.read_text()):
            assert self.process.poll() is None, text
            assert time.monotonic() < end, text
            time.sleep(0.1)

    @property
    def access(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.home / "access.json").read_text())
        return content

    def get(self, path: str, key: str = "") -> tuple[int, str]:
        """Status and body of a page."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if key:
            request.add_header("Authorization", f"Bearer {key}")
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()

    def manage(self, *arguments: str) -> None:
        """Run a command that reads the platform's environment file."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "TRELLIS_ENV_FILE": str(self.home / "env")},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def ports(self) -> list[int]:
        """All ports that the platform listens on."""
        services = json.loads((self.home / "services.json").read_text())
        streams = int(self.access["streams_url"].rpartition(":")[2])
        return [self.port, streams, services["postgres_port"], services["valkey_port"]]

    def gone(self) -> bool:
        """Whether nothing of it runs any more."""
        return all(is_free(port) for port in self.ports()) and not is_held(self.home / "keeper.lock")


@pytest.fixture
def running(home: Path) -> Iterator[Running]:
    running = Running(home, free_port())
    yield running
    running.process.terminate()
    running.process.wait(60)


def test_it_serves_stops_without_a_trace_and_starts_again_with_its_data(home: Path, running: Running) -> None:
    assert running.get("/health/ready")[0] == 200
    assert running.get("/admin/login/")[0] == 200
    access = running.access
    assert access["base_url"] == f"http://127.0.0.1:{running.port}"
    assert access["admin"]["url"].startswith(access["base_url"])
    assert access["admin"]["email"] in running.output.read_text()
    assert access["admin"]["password"] in running.output.read_text()
    assert set(access["api_keys"]) == {domain.name for domain in domains()}
    for name in ("env", "access.json", "secrets.json", "services.json"):
        assert (home / name).stat().st_mode & 0o077 == 0, name
    with psycopg.connect(access["database"]["application"]) as connection:
        user = connection.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = user")
        assert user.fetchone() == ("trellis_web", False, False)
    with psycopg.connect(access["database"]["superuser"]) as connection:
        connection.execute("CREATE TABLE public.kept AS SELECT 42 AS answer")
    running.manage("split_domain", "support", "--to", f"{access['database']['superuser']}_desk")
    running.manage("migrate_domain", "support", "0001")  # as if the next start were that of a newer release

    sentence = refusal_of_run(home, PORT=free_port())
    assert sentence.startswith(
        f"Trellis already runs from this checkout ({access['base_url']}): stop it there"
    )

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(60) == 0
    assert running.gone()

    again = Running(home, str(running.port))
    try:
        assert again.access["api_keys"] == access["api_keys"]
        assert again.access["admin"] == access["admin"]
        with psycopg.connect(again.access["database"]["superuser"]) as connection:
            kept = connection.execute("SELECT answer FROM public.kept").fetchone()
        assert kept == (42,)
        assert (
            again.get("/health/migrations")[0] == 200
        )  # a domain in a database of its own was migrated, too
        status, tickets = again.get("/api/support/tickets", access["api_keys"]["support"])
        assert status == 200
        assert json.loads(tickets)["results"]
    finally:
        again.process.kill()  # the worst that can happen to it: nobody is left to stop the others
        again.process.wait()
    assert eventually(again.gone, 30)
