"""Every list has a constant number of queries."""

from __future__ import annotations

import json

from bench.harness import CaseResult, Target
from bench.scene import Scene
from bench.servers import run_command


def measure(scene: Scene) -> CaseResult:
    """Statements that each list sends for pages of 1, 3 and 25 rows."""
    result = CaseResult(
        "query_counts",
        "Statements per list",
        "Every list endpoint, found in the URL configuration, asked for pages of 1, 3 and 25 rows by "
        "a key with all scopes; all statements of the request are counted, those that find the caller "
        "and open the unit too.",
    )
    trellis = scene.trellis
    answer = run_command(["-m", "bench.statement_probe", trellis.api_key], trellis.environment)
    counts: dict[str, dict[str, tuple[int, int]]] = json.loads(answer.stdout.splitlines()[-1])
    growing = 0
    for path, sizes in counts.items():
        result.rounds[path] = [
            {f"statements for {rows} row{'' if rows == 1 else 's'}": n for rows, n in sizes.values()}
        ]
        growing += len({n for rows, n in sizes.values() if rows}) > 1
    result.targets.append(
        Target(
            f"Lists whose number of statements grows with their rows (of {len(counts)})",
            growing,
            0,
            "at most",
        )
    )
    return result
