"""What asking the platform over HTTP costs an app, with the cache and without."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable

from bench.harness import CaseResult, Target, time_each
from bench.load import quantile
from bench.scene import Scene
from bench.servers import ServerFailed, run_command, wsgi_server

CACHED = "a customer over HTTP, cached"
TICKET_SHARED, TICKET_API = "a ticket, platform in process", "a ticket, platform over HTTP"
_SEED = {"SERVICE_SECRET_SEED": "benchmark-services"}


def measure(scene: Scene) -> CaseResult:
    """Each way of asking, in turn, one call after another."""
    turns = 100 if scene.quick else 500
    result = CaseResult(
        "platform_client",
        "Asking the platform",
        "One thread of an app's process asks the platform: in the same process, over HTTP on a kept connection to "
        "gunicorn on the same machine, and over HTTP with the customer in the cache. Requests over HTTP are signed and "
        "verified, and find-or-create carries an Idempotency-Key. Then one client opens tickets for a customer named by "
        "e-mail, which asks the platform twice: at a server that holds the platform, and at one that asks the first.",
        {"calls per round and variant": turns},
    )
    trellis = scene.imports
    environment = {**trellis.environment, **_SEED}
    with wsgi_server("config.wsgi:application", environment) as platform:
        app = {**environment, "PLATFORM_API_URL": platform.url, "PLATFORM_CACHE_SECONDS": "0"}
        with wsgi_server("config.wsgi:application", app) as apart:
            openers: dict[str, Callable[[], object]] = {
                TICKET_SHARED: ticket_opener(platform.url, trellis.headers),
                TICKET_API: ticket_opener(apart.url, trellis.headers),
            }
            for number in range(scene.rounds):
                done = run_command(
                    ["-m", "bench.client_probe", str(trellis.organization), platform.url, str(turns)],
                    environment,
                )
                taken: dict[str, list[float]] = json.loads(done.stdout)
                for opener in openers.values():
                    for _ in range(10):
                        opener()
                taken |= time_each(openers, turns=turns)
                for label, times in taken.items():
                    ordered = sorted(times)
                    result.rounds.setdefault(label, []).append(
                        {"p50_ms": quantile(ordered, 0.5) * 1000, "p95_ms": quantile(ordered, 0.95) * 1000}
                    )
                scene.say(f"  round {number + 1}: cached p95 {result.median(CACHED, 'p95_ms'):.2f} ms")
    result.targets = [
        Target(
            "A cached customer is read over HTTP's client in under 2 ms (p95)",
            result.median(CACHED, "p95_ms"), 2.0, "at most", " ms",
        ),
        Target(
            "Opening a ticket costs at most 1.6 x with the platform over HTTP, nothing cached (median)",
            result.ratio(TICKET_API, TICKET_SHARED, "p50_ms"), 1.6, "at most", " x",
        ),
    ]  # fmt: skip
    return result


def ticket_opener(url: str, headers: list[str]) -> Callable[[], object]:
    """Opens one ticket per call; anything but a complete answer fails the run."""
    sent = dict(header.split(": ", 1) for header in headers) | {"Content-Type": "application/json"}
    body = json.dumps(
        {"subject": "Help", "customer_email": "ada@example.com", "customer_name": "Ada"}
    ).encode()

    def open_ticket() -> object:
        request = urllib.request.Request(f"{url}/api/support/tickets", body, sent)
        with urllib.request.urlopen(request, timeout=30) as answer:
            told = json.load(answer)
        if told["degraded"]:
            raise ServerFailed("A ticket was opened without the platform: its answer says degraded.")
        return told

    return open_ticket
