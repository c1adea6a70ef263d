"""Real processes that serve some domains each, on loopback ports: how an installation in parts looks from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from shared.devserver import apart
from shared.devserver.ports import free_port
from tests.servers import ROOT, database_url, own_port

SECRET_SEED = "service-secrets-of-tests"


def apart_environment(serve: str, addresses: Mapping[str, str], **variables: str) -> dict[str, str]:
    """The environment of a process that serves ``serve`` alone: its own login and secret, the others' addresses."""
    kept = {
        key: value for key, value in os.environ.items() if not key.endswith(("DATABASE_URL", "SECRET_SEED"))
    }
    return {
        **kept,
        **apart.apart_environment(
            serve,
            database_url=database_url(f"trellis_{serve}_app"),
            addresses=addresses,
            secret_seed=SECRET_SEED,
        ),
        "SECRET_KEY": f"of-the-process-of-{serve}-alone-0123456789-0123456789",
        "TRELLIS_PROCESS": "web",
        "DEBUG": "1",  # static files straight from the apps
        "WEB_WORKERS": "1",
        **variables,
    }


@contextmanager
def running_apart(*names: str, log: Path) -> Iterator[dict[str, str]]:
    """A web process per domain; their addresses by name. Fails with the log of one that does not start."""
    addresses: dict[str, str] = {}
    port = own_port(8950)
    for name in names:
        port = free_port(port + 1)
        addresses[name] = f"http://localhost:{port}"
    started: list[subprocess.Popen[bytes]] = []
    try:
        for name, address in addresses.items():
            with (log / f"{name}.log").open("wb") as output:
                settings = str(ROOT / "shared/devserver/gunicorn.py")
                bind = address.replace("http://localhost", "127.0.0.1")
                started.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "gunicorn", "--config", settings, "--bind", bind],
                        cwd=ROOT,
                        env=apart_environment(name, addresses),
                        stdout=output,
                        stderr=output,
                    )
                )
        for name, address in addresses.items():
            _wait_for(f"{address}/health/live", log / f"{name}.log")
        yield addresses
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(15)


def _wait_for(address: str, log: Path) -> None:
    for _ in range(150):
        try:
            urllib.request.urlopen(address, timeout=1)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"nothing answers at {address}: {log.read_text()[-3000:]}")
