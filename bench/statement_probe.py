"""Counts the statements of every list endpoint: run by the case query_counts, in a process of its own.

Prints JSON: path → {page size → [rows on the page, statements]}, or → why the list may not be read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import django

django.setup()

from django.db import connections  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import URLPattern, URLResolver, get_resolver  # noqa: E402


class Refused(Exception):
    """The list may not be read as things are; the message says why."""


def list_paths(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[str]:
    """Paths of all list endpoints, with places for identifiers."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = str(getattr(entry.pattern, "_route", entry.pattern.regex.pattern)).lstrip("^").rstrip("$")
        path = prefix + route
        if isinstance(entry, URLResolver):
            yield from list_paths(entry.url_patterns, path)
        elif isinstance(entry, URLPattern):
            actions = getattr(entry.callback, "actions", None) or {}
            if actions.get("get") == "list" and not set("([?\\") & set(path):
                yield path


def count(client: Client, path: str) -> tuple[int, int]:
    """(rows on the page, statements sent); the statements that open a unit count too."""
    sent: list[str] = []

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        sent.append(str(sql))
        return execute(sql, params, many, context)

    wrappers = [connection.execute_wrapper(note) for connection in connections.all()]
    for wrapper in wrappers:
        wrapper.__enter__()
    try:
        answer = client.get(path)
    finally:
        for wrapper in wrappers:
            wrapper.__exit__(None, None, None)
    if answer.status_code in (403, 404, 409):
        raise Refused(answer.json()["detail"])
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}: {answer.content[:500]!r}")
    return len(answer.json()["results"]), len(sent)


def warm_count(client: Client, path: str) -> tuple[int, int]:
    """As count, of the second such request: the first connects, and compiles what a process keeps."""
    count(client, path)
    return count(client, path)


def main() -> None:
    """Ask for pages of 1, 3 and 25 rows of every list."""
    client = Client(headers={"Authorization": f"Bearer {sys.argv[1]}"})
    found: dict[str, Any] = {}
    identifiers: dict[str, str] = json.loads(sys.argv[2])
    for path in sorted(set(list_paths())):
        address = path
        for place, identifier in identifiers.items():
            address = address.replace(place, identifier)
        try:
            found[path] = {size: warm_count(client, f"{address}?limit={size}") for size in (1, 3, 25)}
        except Refused as refused:
            found[path] = str(refused)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
