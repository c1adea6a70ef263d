"""The processes of the platform on a developer's machine."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.devserver.ports import LOOPBACK
from shared.devserver.supervisor import Program


def web_program(
    port: int, *, name: str = "web", title: str = "web server", environment: Mapping[str, str] | None = None
) -> Program:
    """A web server; with an environment of its own one of several."""
    settings = str(Path(__file__).with_name("gunicorn.py"))
    return Program(
        name=name,
        title=title,
        command=_module("gunicorn", "--config", settings, "--bind", f"{LOOPBACK}:{port}"),
        kind="web",
        ready="Booting worker",
        environment=environment or {},
    )


def programs(
    home: Path, port: int, streams_port: int, *, webs: Sequence[Program] = ()
) -> tuple[Program, ...]:
    """Web server (or ``webs``), live streams, worker, beat and delivery of events, in the order in which they start."""
    uvicorn = "uvicorn config.asgi:application --lifespan off --no-access-log --timeout-graceful-shutdown 3"
    worker = "celery -A config worker --loglevel INFO --concurrency 2 --without-gossip --without-mingle"
    beat = "celery -A config beat --loglevel INFO --pidfile="
    return (
        *(webs or (web_program(port),)),
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
        Program(
            name="events",
            title="delivery of events",
            command=(sys.executable, "manage.py", "deliver_events"),
            kind="worker",
            ready="Delivering events.",
        ),
    )


def _module(words: str, *more: str) -> tuple[str, ...]:
    """A command line of this Python; what may hold spaces comes in ``more``."""
    return (sys.executable, "-m", *words.split(), *more)
