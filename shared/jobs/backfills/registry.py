"""Which backfills there are: each app of a domain declares its own as ``BACKFILLS`` in ``backfills.py``."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db.models import QuerySet

from shared.domains.registry import find_domain_of_app, serves


@dataclass(frozen=True)
class Backfill:
    """Fills old rows of a domain, tenant by tenant; both functions run in a unit of the domain for one tenant.

    ``rows`` are those to look at: what is filled should leave them, so that a second run finds what is new. It raises an
    error of shared.errors where the tenant cannot have such rows; the tenant is then left out, with that sentence.
    ``fill`` gets the ids of a chunk, fills them by one statement, and returns how many it has changed. A chunk that is
    done twice must do no harm.
    """

    name: str
    domain: str
    description: str
    rows: Callable[[], QuerySet]
    fill: Callable[[Sequence[uuid.UUID]], int]


def backfills() -> tuple[Backfill, ...]:
    """Those of the domains that this process serves."""
    found: list[Backfill] = []
    for config in apps.get_app_configs():
        owner = find_domain_of_app(config.label)
        if owner is not None and serves(owner.name) and find_spec(f"{config.name}.backfills"):
            found.extend(import_module(f"{config.name}.backfills").BACKFILLS)
    return tuple(found)


def find_backfill(name: str) -> Backfill | None:
    """The backfill called ``name``, or None."""
    return next((backfill for backfill in backfills() if backfill.name == name), None)
