"""What the scheduler of a process sends: work of the domains that it serves, in the databases that they lie in."""

from __future__ import annotations

from typing import Any

from shared.domains.registry import central_domain, serves
from shared.domains.router import database_aliases, domains_in


def in_each_database(name: str, task: str, schedule: Any) -> dict[str, dict[str, Any]]:
    """Entries that run an operator's task once in every database of the process, each in the queue of a domain that
    lives there, so that a worker takes it who can reach it."""
    homes = [domains_in(alias)[0].name for alias in database_aliases()]
    return {
        f"{name}-{home}": {
            "task": task,
            "schedule": schedule,
            "kwargs": {"domain": home},
            "options": {"queue": home},
        }
        for home in homes
    }


def where_split(name: str, task: str, schedule: Any) -> dict[str, dict[str, Any]]:
    """The entry of a task that reaches from the central domain's database into others; none where there is but one."""
    central = central_domain().name
    if not serves(central) or len(database_aliases()) == 1:
        return {}
    return {
        name: {
            "task": task,
            "schedule": schedule,
            "kwargs": {"domain": central},
            "options": {"queue": central},
        }
    }


def where_served(domain: str, name: str, task: str, schedule: Any) -> dict[str, dict[str, Any]]:
    """The entry of a domain's own task; none in a process that does not serve the domain."""
    return {name: {"task": task, "schedule": schedule}} if serves(domain) else {}
