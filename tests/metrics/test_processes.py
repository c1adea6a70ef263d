"""Several server processes give one account."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.devserver.ports import LOOPBACK
from tests.servers import ROOT, own_port


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """gunicorn as `make run` starts it, with two workers."""
    port = own_port(20_000)
    command = [sys.executable, "-m", "gunicorn", "--config", "shared/devserver/gunicorn.py"]
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "WEB_WORKERS": "2"}
    with (folder.parent / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--bind", f"{LOOPBACK}:{port}"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield f"http://{LOOPBACK}:{port}"
        finally:
            process.terminate()
            process.wait(timeout=20)


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def counted(text: str, start: str) -> float:
    return sum(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(start))


@pytest.mark.django_db
def test_workers_add_up_and_ended_ones_stay_counted(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"left by an earlier server")
    sample = 'trellis_http_requests_total{domain="other",method="GET",status="200"}'
    with served(folder) as url:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                read(f"{url}/health/live")
                break
            time.sleep(0.2)
        workers: set[int] = set()
        with ThreadPoolExecutor(4) as callers:  # one alone might meet the same worker each time
            while len(workers) < 2 and time.monotonic() < deadline:
                list(callers.map(read, [f"{url}/health/live"] * 30))
                workers = {int(f.stem.rpartition("_")[2]) for f in folder.glob("counter_*.db")}
        assert len(workers) == 2, "both wrote"
        assert counted(read(f"{url}/metrics"), sample) >= 31
        os.kill(workers.pop(), 15)
        time.sleep(1.5)
        assert counted(read(f"{url}/metrics"), sample) >= 31
