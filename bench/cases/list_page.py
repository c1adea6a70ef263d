"""A list page of 25 tickets, filtered by status and priority: Trellis, stock DRF, raw psycopg."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import ExitStack

from bench.harness import CaseResult, Target, take_turns
from bench.scene import FILTERED, STOCK_TOKEN, Scene
from bench.servers import ServerFailed

TRELLIS, STOCK, RAW = "Trellis", "stock DRF", "raw psycopg"


def measure(scene: Scene) -> CaseResult:
    """Requests per second of the same page from the same rows."""
    result = CaseResult(
        "list_page",
        "A filtered list page of 25 tickets",
        "`GET /api/support/tickets?status=open&priority=high`, authenticated by API key, against a "
        "stock DRF ModelSerializer list (TokenAuthentication, django-filter, PageNumberPagination "
        "with its count, database connections kept, no tenancy) and against raw psycopg that returns "
        "PostgreSQL's `json_agg` without asking who calls. Same WSGI server, same database server, "
        "the same tickets under an index of the same columns (Trellis' table also holds the other "
        "tenants' rows). Before measuring, the three pages are compared: the same 25 tickets in the "
        "same order.",
        {"tickets of the tenant": scene.tenant_rows, "tickets in Trellis' table": scene.ticket_rows},
    )
    token = [f"Authorization: Token {STOCK_TOKEN}"]
    with ExitStack() as servers:
        trellis = servers.enter_context(scene.serve_trellis())
        stock = servers.enter_context(scene.serve_stock())
        raw = servers.enter_context(scene.serve_raw())
        variants = [
            scene.http(TRELLIS, trellis, f"/api/support/tickets?{FILTERED}", scene.trellis.headers),
            scene.http(STOCK, stock, f"/api/tickets/?{FILTERED}", token),
            scene.http(RAW, raw, f"/?{FILTERED}"),
        ]
        _must_agree(
            {
                TRELLIS: ids_of(f"{trellis.url}/api/support/tickets?{FILTERED}", scene.trellis.headers),
                STOCK: ids_of(f"{stock.url}/api/tickets/?{FILTERED}", token),
                RAW: ids_of(f"{raw.url}/?{FILTERED}", []),
            }
        )
        result.rounds = take_turns(variants, scene.rounds, say=scene.say)
    rate = "requests_per_second"
    result.targets = [
        Target(
            "List page of 25: at least 2 x the requests/s of stock DRF",
            result.ratio(TRELLIS, STOCK, rate),
            2.0,
            "at least",
            " x",
        ),
        Target(
            "List page of 25: at least 20 % (better 30 %) of raw psycopg's requests/s",
            100 * result.ratio(TRELLIS, RAW, rate),
            20.0,
            "at least",
            " %",
        ),
    ]
    return result


def ids_of(url: str, headers: list[str]) -> list[str]:
    """The identifiers on a list page, in their order."""
    request = urllib.request.Request(url)
    for header in headers:
        name, _, value = header.partition(": ")
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            page = json.load(answer)
    except urllib.error.HTTPError as error:
        raise ServerFailed(f"{url} answered {error.code}: {error.read(500)!r}") from error
    return [row["id"] for row in page["results"]]


def _must_agree(pages: dict[str, list[str]]) -> None:
    first_name, first = next(iter(pages.items()))
    for name, ids in pages.items():
        if ids != first or len(ids) != 25:
            raise ServerFailed(
                f"{name} and {first_name} do not answer the same 25 tickets: {ids[:2]} and {first[:2]}"
            )
