"""The processes of the platform on a developer's machine."""

from __future__ import annotations

import sys
from pathlib import Path

from shared.devserver.ports import LOOPBACK
from shared.devserver.supervisor import Program


def programs(home: Path, port: int, streams_port: int) -> tuple[Program, ...]:
    """Web server, live streams, worker and beat, in the order in which they start."""
    settings = str(Path(__file__).with_name("gunicorn.py"))
    uvicorn = "uvicorn config.asgi:application --lifespan off --no-access-log --timeout-graceful-shutdown 3"
    worker = "celery -A config worker --loglevel INFO --concurrency 2 --without-gossip --without-mingle"
    beat = "celery -A config beat --loglevel INFO --pidfile="
    return (
        Program(
            name="web",
            title="web server",
            command=_module("gunicorn", "--config", settings, "--bind", f"{LOOPBACK}:{port}"),
            kind="web",
            ready="Booting worker",
        ),
        Program(
            name="streams",
            title="live-stream server",
            command=_module(uvicorn, "--host", LOOPBACK, "--port", str(streams_port)),
            kind="web",
            ready="Uvicorn running",
        ),
        Program(
            name="worker",
            title="task worker",
            command=_module(worker),
            kind="worker",
            ready=" ready.",
        ),
        Program(
            name="beat",
            title="task scheduler",
            command=_module(beat, "--schedule", str(home / "beat-schedule")),
            kind="worker",
            ready="beat: Starting",
        ),
    )


def _module(words: str, *more: str) -> tuple[str, ...]:
    """A command line of this Python; what may hold spaces comes in ``more``."""
    return (sys.executable, "-m", *words.split(), *more)
