"""What row-level security and `acting` add to a request of the API."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from bench.alternation import Interval, alternate, interval
from bench.cases.list_page import ids_of
from bench.harness import CaseResult, Metrics, Target
from bench.scene import FILTERED, Scene
from bench.servers import ServerFailed

PATH = "/api/support/tickets"
_REQUESTS = {"list of 25, filtered": f"{PATH}?{FILTERED}", "one ticket": PATH + "/{ticket}"}
_ON, _OFF = "with RLS and acting", "with neither"
_SLICE = 1.0  # seconds, after half a second of warm-up
_PAIRS_PER_ROUND = 6


def measure(scene: Scene) -> CaseResult:
    """The same endpoints of the same code, with isolation and without."""
    pairs = scene.rounds * _PAIRS_PER_ROUND
    result = CaseResult(
        "isolation_request",
        "Row-level security and acting per request",
        "The API as it is served, against the same API with isolation taken out "
        "(bench/baselines/unguarded.py): a superuser's login, which no policy applies to, and an "
        "`acting` that opens no transaction, tells PostgreSQL nothing and guards nothing; the literal "
        "tenant stays in every query, as any application with tenants would have it, and so do key "
        f"look-up, scopes and rate limit. Measured in {pairs} pairs of slices of {_SLICE:g} s, A B, B A, …; each pair "
        "gives a ratio, the cost is the median of the ratios, and its interval (95 %, bootstrap over the pairs) says "
        "how sure it is. The target is judged by the median, as all figures are. Processor time (WSGI server and "
        "PostgreSQL, per request) is what a request costs whatever else the machine does; requests/s vary more.",
        {"tickets of the tenant": scene.tenant_rows, "tickets in the table": scene.ticket_rows},
    )
    trellis = scene.trellis
    with ExitStack() as servers:
        guarded = servers.enter_context(scene.serve_trellis())
        bare = servers.enter_context(
            scene.serve_trellis(
                "bench.baselines.unguarded:application", {"DATABASE_URL": trellis.superuser_url}
            )
        )
        ids = ids_of(guarded.url + _REQUESTS["list of 25, filtered"], trellis.headers)
        if ids != ids_of(bare.url + _REQUESTS["list of 25, filtered"], trellis.headers):
            raise ServerFailed("With and without isolation the list does not hold the same tickets.")
        for label, path in _REQUESTS.items():
            on, off = (
                scene.http(
                    f"{label}: {mode}",
                    server,
                    path.format(ticket=ids[0]),
                    trellis.headers,
                    seconds=_SLICE,
                )
                for mode, server in ((_ON, guarded), (_OFF, bare))
            )
            result.rounds |= alternate(on, off, pairs, say=scene.say)
            _judge(result, label, result.rounds[on.name], result.rounds[off.name])
    return result


def _judge(result: CaseResult, label: str, on: Sequence[Metrics], off: Sequence[Metrics]) -> None:
    """The cost in processor time and in requests/s; the first decides."""
    cpu = _cost(on, off, lambda slice_: slice_["server_cpu_ms"] + slice_["database_cpu_ms"])
    wall = _cost(on, off, lambda slice_: 1 / slice_["requests_per_second"])
    result.targets.append(
        Target(
            f"RLS and acting cost at most 10 % of a request ({label}; median of the pairs)",
            cpu.median,
            10.0,
            "at most",
            " %",
        )
    )
    result.notes.append(
        f"{label.capitalize()}: RLS and acting cost {_text(cpu)} of the processor time, {_text(wall)} of the time "
        "at full load."
    )


def _cost(on: Sequence[Metrics], off: Sequence[Metrics], price: Callable[[Metrics], float]) -> Interval:
    """By how many percent the price of a request is higher with isolation than without."""
    return interval([100 * (price(one) / price(other) - 1) for one, other in zip(on, off, strict=True)])


def _text(cost: Interval) -> str:
    return f"{cost.median:.1f} % ({cost.low:.1f} to {cost.high:.1f})"
