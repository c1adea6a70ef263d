"""Every list has a constant number of queries."""

from __future__ import annotations

import json

import psycopg

from bench.growth import grow_tenant
from bench.harness import CaseResult, Target
from bench.installation import add_api_key
from bench.scene import Scene
from bench.servers import run_command

_SIZES = ("1", "3", "25")


def measure(scene: Scene) -> CaseResult:
    """Statements that each list sends for pages of 1, 3 and 25 rows."""
    result = CaseResult(
        "query_counts",
        "Statements per list",
        "Every list endpoint, found in the URL configuration, asked for pages of 1, 3 and 25 rows by a key with "
        "all scopes, on the demo's rows multiplied. All statements of the request are counted, the one that "
        "finds the caller too; BEGIN, COMMIT and the facts of a unit travel with others and are no statements.",
    )
    lists = scene.demo
    with psycopg.connect(lists.superuser_url, autocommit=True) as connection:
        tenant = connection.execute(
            "SELECT id FROM shared.tenants WHERE slug NOT LIKE 'bench-%' ORDER BY created_at, id LIMIT 1"
        ).fetchone()
        assert tenant is not None
        key = add_api_key(connection, tenant[0])
        ticket = grow_tenant(connection, tenant[0])
    places = json.dumps({"<uuid:ticket_id>": str(ticket)})
    answer = run_command(["-m", "bench.statement_probe", key, places], lists.environment)
    lists_seen: dict[str, dict[str, list[int]] | str] = json.loads(answer.stdout.splitlines()[-1])
    growing, short = 0, []
    for path, sizes in lists_seen.items():
        if isinstance(sizes, str):
            result.notes.append(f"Not asked: `{path}` ({sizes}).")
            continue
        counts = [sizes[size][1] for size in _SIZES]
        result.rounds[f"`{path}`"] = [
            {
                f"{size} row{'' if size == '1' else 's'}": count
                for size, count in zip(_SIZES, counts, strict=True)
            }
        ]
        growing += len(set(counts)) > 1
        if sizes["25"][0] < 25:
            short.append(f"`{path}` ({sizes['25'][0]})")
    if short:
        result.notes.append(f"Fewer than 25 rows: {', '.join(short)}.")
    measured = len(result.rounds)
    result.targets.append(
        Target(f"Lists whose statements grow with their rows, of {measured}", growing, 0, "at most")
    )
    return result
