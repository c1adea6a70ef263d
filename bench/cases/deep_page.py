"""The page 100,000 rows deep against the first page."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from bench.harness import CaseResult, Target, take_turns
from bench.scene import Scene
from bench.servers import ServerFailed

FIRST, DEEP = "first page", "deep page"
PATH = "/api/support/tickets"
_STRIDE = 100  # rows per page while walking


def measure(scene: Scene) -> CaseResult:
    """Requests per second of both pages, 25 rows each, of all tickets of the tenant by time."""
    depth = min(100_000, scene.tenant_rows // 2)
    result = CaseResult(
        "deep_page",
        f"A page {depth:,} rows deep",
        f"`GET {PATH}?limit=25`, and the same list behind the cursor that is reached by following `next`.",
        {"tickets of the tenant": scene.tenant_rows, "rows before the deep page": depth},
    )
    with scene.serve_trellis() as server:
        deep_path = walk(server.url, scene.trellis.headers, depth)
        variants = [
            scene.http(FIRST, server, f"{PATH}?limit=25", scene.trellis.headers),
            scene.http(DEEP, server, deep_path, scene.trellis.headers),
        ]
        result.rounds = take_turns(variants, scene.rounds, say=scene.say)
    result.targets = [
        Target(
            f"A page {depth:,} rows deep costs at most 1.2 x the first",
            result.ratio(FIRST, DEEP, "requests_per_second"),
            1.2,
            "at most",
            " x",
        )
    ]
    return result


def walk(base_url: str, headers: Sequence[str], depth: int) -> str:
    """Follow `next` for ``depth`` rows; the path of the page of 25 that begins there."""
    path, passed = f"{PATH}?limit={_STRIDE}", 0
    while passed < depth:
        page = get_json(base_url + path, headers)
        passed += len(page["results"])
        if not page.get("next") or not page["results"]:
            raise ServerFailed(f"The list ended after {passed} rows: {path}")
        parts = urlsplit(page["next"])
        path = f"{parts.path}?{parts.query}"
    parts = urlsplit(path)
    query = {**dict(parse_qsl(parts.query)), "limit": "25"}
    return f"{parts.path}?{urlencode(query)}"


def get_json(url: str, headers: Sequence[str]) -> Any:
    """One answer of the API."""
    request = urllib.request.Request(url)
    for header in headers:
        name, _, value = header.partition(": ")
        request.add_header(name, value)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ServerFailed(f"{url} answered {error.code}: {error.read(500)!r}") from error
