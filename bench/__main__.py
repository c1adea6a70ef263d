"""`make bench`: measure, compare with the targets, write docs/benchmarks.md and docs/benchmarks.json."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import report
from bench.harness import CaseResult, machine, versions
from bench.load import LoadFailed
from bench.scene import HttpPlan, Scene
from bench.servers import HOME, THREADS, WORKERS, ServerFailed, cluster

CASES = (
    "list_page",
    "deep_page",
    "isolation_request",
    "isolation_statement",
    "custom_fields",
    "import_customers",
    "platform_client",
    "topologies",
    "memory",
    "events",
    "query_counts",
)


def main() -> int:
    """Run the chosen cases; the exit status tells whether all could be measured and all targets were met."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=CASES, metavar="NAME", help=f"one of {', '.join(CASES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes and short turns: does it run? Nothing is written."
    )
    parser.add_argument("--rounds", type=int, default=0, help="rounds of each case (7; 2 when quick)")
    parser.add_argument(
        "--keep", action="store_true", help="keep databases and rows for the next run with --keep"
    )
    parser.add_argument("--home", type=Path, default=HOME, help="where the servers keep their data")
    parser.add_argument(
        "--database-url", default="", help="superuser's URL of another server; scratch databases only"
    )
    parser.add_argument("--redis-url", default="", help="broker to go with --database-url")
    options = parser.parse_args()

    plan = HttpPlan(clients=4, seconds=1.0 if options.quick else 3.0)
    rounds = options.rounds or (2 if options.quick else 7)
    results: list[CaseResult] = []
    failures: list[str] = []
    with cluster(options.database_url, options.redis_url, home=options.home, keep=options.keep) as servers:
        scene = Scene(servers, plan=plan, rounds=rounds, quick=options.quick, keep=options.keep, say=_say)
        try:
            for name in options.only or CASES:
                _say(f"{name}:")
                try:
                    results.append(importlib.import_module(f"bench.cases.{name}").measure(scene))
                except (ServerFailed, LoadFailed) as reason:
                    failures.append(f"{name}: {reason}")
                    _say(f"  failed: {reason}")
        finally:
            found = versions() | {"PostgreSQL": servers.server_version()}
            scene.close()

    moment = f"{datetime.now(UTC):%Y-%m-%d}"
    run = {
        "machine": machine(),
        "versions": found,
        "http": {"workers": WORKERS, "threads": THREADS, "clients": plan.clients, "seconds": plan.seconds},
        "cases": [result.as_json() | {"measured_on": moment} for result in results],
    }
    if options.quick:
        print(report.page(run))
    elif results:
        report.write(run, only=bool(options.only or failures))
        _say(f"Wrote {os.path.relpath(report.PAGE_FILE)} and {os.path.relpath(report.JSON_FILE)}.")
    missed = [target.text for result in results for target in result.targets if not target.met]
    for text in missed:
        _say(f"Target missed: {text}")
    for failure in failures:
        _say(f"Not measured: {failure.splitlines()[0][:200]}")
    return 1 if failures or (missed and not options.quick) else 0


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
