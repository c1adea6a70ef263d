"""What the scheduler of a process sends: work of the domains that it serves, in the databases that they lie in.

A schedule is made once, when the scheduler starts, while domains move to databases of their own and back: so there is an
entry for whatever may become necessary, and the task sees whether it is, when it runs.
"""

from __future__ import annotations

from typing import Any

from shared.domains.registry import served_domains, serves


def in_each_database(name: str, task: str, schedule: Any) -> dict[str, dict[str, Any]]:
    """Entries that run an operator's task once in every database of the process.

    There is one for each domain, in its queue, so that a worker takes it who can reach it; where several domains share a
    database, the first one's does the work (``once_per_database``, see ``operator_task``).
    """
    return {
        f"{name}-{domain.name}": {
            "task": task,
            "schedule": schedule,
            "kwargs": {"domain": domain.name, "once_per_database": True},
            "options": {"queue": domain.name},
        }
        for domain in served_domains()
    }


def where_served(domain: str, name: str, task: str, schedule: Any) -> dict[str, dict[str, Any]]:
    """The entry of a domain's own task; none in a process that does not serve the domain."""
    return {name: {"task": task, "schedule": schedule}} if serves(domain) else {}
