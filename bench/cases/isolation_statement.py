"""What row-level security and the facts add to one indexed statement."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from bench.harness import CaseResult, Target, time_each
from bench.scene import Scene
from bench.servers import run_command

_LIVING = "organization_id = %(tenant)s AND deleted_at IS NULL"
_NEWEST = "ORDER BY created_at DESC, id DESC LIMIT 25"
STATEMENTS = {
    "one ticket by id": f"SELECT * FROM support_app.tickets WHERE {_LIVING} AND id = %(id)s",
    "one ticket by number": f"SELECT * FROM support_app.tickets WHERE {_LIVING} AND number = %(number)s",
    "newest 25": f"SELECT * FROM support_app.tickets WHERE {_LIVING} {_NEWEST}",
    "25 by status and priority": (
        f"SELECT * FROM support_app.tickets WHERE {_LIVING} AND status = 'open' AND priority = 'high' "
        f"{_NEWEST}"
    ),
    "a customer's tickets": (
        f"SELECT * FROM support_app.tickets WHERE {_LIVING} AND customer_id = %(customer)s {_NEWEST}"
    ),
}
_GUARDED, _BARE = "as the app, under RLS", "as superuser, without"
_UNIT, _NO_UNIT = "a statement in a unit of its own", "the same statement alone"
_FACTS = """
SELECT set_config('role', 'trellis_support', true), set_config('search_path', 'public, pg_temp', true),
       set_config('app.domain', 'support', true), set_config('app.organization_id', %s, true),
       set_config('app.actor_kind', 'key', true), set_config('app.request_id', 'bench', true)"""

Connection = psycopg.Connection[tuple[Any, ...]]


def measure(scene: Scene) -> CaseResult:
    """Median time of each statement, with its rows fetched, in both modes."""
    turns = 200 if scene.quick else 1000
    result = CaseResult(
        "isolation_statement",
        "Row-level security per statement",
        "The same statement, with the literal tenant, planned anew at every call and sent as Django "
        "sends it: by the web login in a transaction under the facts of a unit (role, tenant, forced "
        "row-level security), and by the superuser in a transaction without any of it. Calls "
        "alternate in blocks of five on two connections; each asks for another row. The last two "
        "lines are the price of a unit itself, paid once per request: `SELECT 1` within `acting`, "
        "with its own transaction, and `SELECT 1` alone, by Django.",
        {
            "tickets": scene.ticket_rows,
            "of the tenant": scene.tenant_rows,
            "calls per round and variant": turns,
        },
    )
    trellis = scene.trellis
    with ExitStack() as stack:
        app = stack.enter_context(_connected(trellis.environment["DATABASE_URL"]))
        bare = stack.enter_context(_connected(trellis.superuser_url))
        wanted = _parameters(bare, trellis.organization)
        for number in range(scene.rounds):
            calls: dict[str, Callable[[], object]] = {}
            with ExitStack() as units:
                units.enter_context(unit(app, trellis.organization))
                units.enter_context(bare.transaction())
                for label, text in STATEMENTS.items():
                    calls[f"{label}: {_GUARDED}"] = _call(app, text, wanted)
                    calls[f"{label}: {_BARE}"] = _call(bare, text, wanted)
                taken = time_each(calls, turns=turns)
            for label, times in taken.items():
                result.rounds.setdefault(label, []).append({"median_ms": statistics.median(times) * 1000})
            done = run_command(
                ["-m", "bench.unit_probe", str(trellis.organization), str(turns)], trellis.environment
            )
            for label, median in zip((_UNIT, _NO_UNIT), json.loads(done.stdout), strict=True):
                result.rounds.setdefault(label, []).append({"median_ms": median})
            scene.say(f"  round {number + 1}: worst difference {_worst(result):.3f} ms")
    result.targets = [
        Target(
            "RLS costs at most 0.1 ms per indexed statement (the worst of five)",
            _worst(result),
            0.1,
            "at most",
            " ms",
        )
    ]
    price = result.median(_UNIT, "median_ms") - result.median(_NO_UNIT, "median_ms")
    result.notes.append(f"A unit of work (BEGIN, all facts, COMMIT) costs {price:.2f} ms.")
    return result


def _worst(result: CaseResult) -> float:
    """The largest of the statements' differences, each the median of the rounds' own differences."""
    return max(
        statistics.median(
            guarded["median_ms"] - bare["median_ms"]
            for guarded, bare in zip(
                result.rounds[f"{label}: {_GUARDED}"], result.rounds[f"{label}: {_BARE}"], strict=True
            )
        )
        for label in STATEMENTS
    )


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection that sends statements as Django does: parameters bound by the client, nothing prepared."""
    with psycopg.connect(
        url, autocommit=True, cursor_factory=psycopg.ClientCursor, prepare_threshold=None
    ) as connection:
        yield connection


@contextmanager
def unit(connection: Connection, tenant: object) -> Iterator[None]:
    """A transaction under the facts that `acting(domain="support", …)` would set."""
    with connection.transaction():
        connection.execute(_FACTS, [str(tenant)])
        yield


def _call(connection: Connection, text: str, wanted: Iterator[dict[str, object]]) -> Callable[[], object]:
    return lambda: connection.execute(text, next(wanted)).fetchall()


def _parameters(connection: Connection, tenant: object) -> Iterator[dict[str, object]]:
    """Parameters of rows spread over the tenant's, without end."""
    rows = connection.execute(
        "SELECT id, number, customer_id FROM support_app.tickets WHERE organization_id = %s "
        "ORDER BY hashint8(number) LIMIT 2000",
        [tenant],
    ).fetchall()

    def endless() -> Iterator[dict[str, object]]:
        while True:
            for identifier, number, customer in rows:
                yield {"tenant": tenant, "id": identifier, "number": number, "customer": customer}

    return endless()
