"""What the process needs in order to work, asked with short time limits."""

from __future__ import annotations

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connections

from shared.domains.registry import served_domains
from shared.domains.router import database_aliases
from shared.session import looking_up

BROKER_TIMEOUT = 1.0  # seconds


def check_database() -> str:
    """An error in a few words, or "" when every domain's database answers."""
    for alias in database_aliases():
        try:
            with looking_up(), connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            connections[alias].close()
            return f"database {alias!r} does not answer"
    return ""


def check_broker() -> str:
    """An error in a few words, or "" when the broker answers."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_TIMEOUT, socket_connect_timeout=BROKER_TIMEOUT
        ) as client:
            client.ping()
    except redis.RedisError:
        return "broker does not answer"
    return ""


CHECKS: dict[str, Callable[[], str]] = {"database": check_database, "broker": check_broker}


def report() -> tuple[bool, dict[str, object]]:
    """Whether the process can work, and what it says of itself: the checks, and the domains that it serves."""
    checks = run_checks()
    healthy = all(answer == "ok" for answer in checks.values())
    return healthy, {
        "status": "ok" if healthy else "unavailable",
        "serves": [domain.name for domain in served_domains()],
        "checks": checks,
    }


def run_checks() -> dict[str, str]:
    """Each check's name and its error ("ok" when there is none)."""
    return {name: check() or "ok" for name, check in CHECKS.items()}
