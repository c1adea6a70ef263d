"""What row-level security and `acting` add to a request of the API."""

from __future__ import annotations

from contextlib import ExitStack

from bench.cases.list_page import ids_of
from bench.harness import CaseResult, Target, take_turns
from bench.scene import FILTERED, Scene
from bench.servers import ServerFailed

PATH = "/api/support/tickets"
_REQUESTS = {"list of 25, filtered": f"{PATH}?{FILTERED}", "one ticket": PATH + "/{ticket}"}
_ON, _OFF = "with RLS and acting", "with neither"


def measure(scene: Scene) -> CaseResult:
    """The same endpoints of the same code, with isolation and without."""
    result = CaseResult(
        "isolation_request",
        "Row-level security and acting per request",
        "The API as it is served, against the same API with isolation taken out "
        "(bench/baselines/unguarded.py): a superuser's login, which no policy applies to, and an "
        "`acting` that opens no transaction, tells PostgreSQL nothing and guards nothing; the literal "
        "tenant stays in every query, as any application with tenants would have it, and so do key "
        "look-up, scopes and rate limit.",
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
        variants = [
            scene.http(f"{label}: {mode}", server, path.format(ticket=ids[0]), trellis.headers)
            for label, path in _REQUESTS.items()
            for mode, server in ((_ON, guarded), (_OFF, bare))
        ]
        result.rounds = take_turns(variants, scene.rounds, say=scene.say)
    for label in _REQUESTS:
        extra = 100 * (result.ratio(f"{label}: {_OFF}", f"{label}: {_ON}", "requests_per_second") - 1)
        result.targets.append(
            Target(f"RLS and acting cost at most 10 % of a request ({label})", extra, 10.0, "at most", " %")
        )
    return result
