"""What publishing costs, how many events are relayed and handled, and how soon."""

from __future__ import annotations

import json
from typing import Any

from bench.harness import CaseResult, Target
from bench.scene import Scene
from bench.servers import run_command


def measure(scene: Scene) -> CaseResult:
    """Publishing, latency, throughput of 50,000 events in rounds, then a backlog of a million once."""
    turns, seconds, few, many = (60, 2, 5_000, 10_000) if scene.quick else (600, 10, 50_000, 1_000_000)
    result = CaseResult(
        "events",
        "Events",
        "In the shared topology, in one process like a worker's beside the database. Publishing: a ticket saved in a unit "
        "of its own, without and with an event, in turn. Latency: from the publishing commit to the commit of the effect, "
        "at 200 events a second, relay and drain running as in `deliver_events`. Throughput: events of 2,000 aggregates and "
        "one subscriber wait in the outbox; all are relayed, a tenth handled with a row by the ORM each, the rest with the "
        "same rows in sets. Then the same with a backlog of a million.",
        {"events": few, "backlog": many},
    )
    trellis = scene.fresh("events")
    environment = {
        **trellis.environment,
        "DATABASE_URL": trellis.environment["WORKER_DATABASE_URL"],
        "TRELLIS_PROCESS": "worker",
        "BENCH_SUPERUSER_URL": trellis.superuser_url,
    }

    def probe(what: str, size: int, suffix: str = "") -> None:
        arguments = ["-m", "bench.event_probe", what, str(trellis.organization), str(size)]
        found: dict[str, dict[str, Any]] = json.loads(
            run_command(arguments, environment, timeout=3600).stdout
        )
        for name, values in found.items():
            said = ", ".join(f"{key} {value:,.2f}" for key, value in values.items())
            scene.say(f"  {name}{suffix}: {said}")
            result.rounds.setdefault(f"{name}{suffix}", []).append(values)

    for _ in range(min(scene.rounds, 3)):
        probe("publishing", turns)
        probe("latency", seconds)
        probe("throughput", few)
    probe("throughput", many, ", of a million")
    _judge(result)
    return result


def _judge(result: CaseResult) -> None:
    cost = 100 * (result.ratio("a service's write that publishes", "a service's write", "ms") - 1)
    backlog = "handled, in sets, of a million"
    for text, measured, bound, direction, unit in (
        (
            "From commit to effect at 200 events/s: p95 under 100 ms",
            result.median("latency", "p95_ms"), 100, "at most", " ms",
        ),
        ("Relayed: at least 8,000 events/s", result.median("relayed", "per_second"), 8000, "at least", "/s"),
        (
            "Handled by one worker with an ORM effect each: at least 1,000/s",
            result.median("handled, one by one", "per_second"), 1000, "at least", "/s",
        ),
        (
            "Handled by one worker in sets: at least 2,500/s",
            result.median("handled, in sets", "per_second"), 2500, "at least", "/s",
        ),
        ("Publishing adds at most 25 % to a service's write", cost, 25, "at most", " %"),
        (
            "A backlog of a million: the last tenth is handled at 80 % of the first's rate or more",
            100 * result.median(backlog, "last_to_first"), 80, "at least", " %",
        ),
        (
            "A backlog of a million: the last tenth is relayed at 80 % of the first's rate or more",
            100 * result.median("relayed, of a million", "last_to_first"), 80, "at least", " %",
        ),
    ):  # fmt: skip
        result.targets.append(Target(text, measured, bound, direction, unit))
