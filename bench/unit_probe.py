"""Times `acting`: run by the case isolation_statement in a process like the web server's.

Prints JSON: median milliseconds of `SELECT 1` in a unit of its own, and of `SELECT 1` alone.
"""

from __future__ import annotations

import json
import statistics
import sys
import uuid

import django

django.setup()

from django.db import connection  # noqa: E402

from bench.harness import time_each  # noqa: E402
from shared.session import Actor, acting, looking_up  # noqa: E402


def main() -> None:
    """Alternate both, as often as the second argument says."""
    organization, turns = uuid.UUID(sys.argv[1]), int(sys.argv[2])
    actor = Actor(kind="key", id=organization, name="bench", ip="127.0.0.1", user_agent="bench")

    def ask() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchall()

    def in_unit() -> object:
        with acting(domain="support", organization=organization, actor=actor, request_id="bench-request"):
            return ask()

    def alone() -> object:
        with looking_up():
            return ask()

    in_unit()
    taken = time_each({"unit": in_unit, "alone": alone}, turns=turns)
    print(json.dumps([statistics.median(times) * 1000 for times in taken.values()]))


if __name__ == "__main__":
    main()
