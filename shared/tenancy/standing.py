"""How far the unit's tenant is: the version of its schema and the features that it has.

Asked of the database at most every few seconds for each tenant and process, so that it costs a request nothing. What is
rolled out meanwhile is noticed that much later; a process that still says "not yet" goes the old way, which works.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connections, models

from shared.session.facts import TenantMissingError, current

SECONDS: Final = 5.0
"""For how long an answer is believed."""

_FIND = "SELECT schema_version, settings -> 'features' FROM shared.tenants WHERE id = %s"
_NOTHING: Final = frozenset[str]()
_found: dict[tuple[str, uuid.UUID], tuple[float, Standing]] = {}


@dataclass(frozen=True, slots=True)
class Standing:
    """``schema_version`` counts the migrations of the tenant's own schema, 0 without one. ``features`` are those that a
    rollout has switched for this tenant, on or off."""

    schema_version: int = 0
    features: Mapping[str, bool] = field(default_factory=dict)


def standing() -> Standing:
    """That of the unit's tenant, at most SECONDS old; raises TenantMissingError outside of a tenant's unit."""
    facts = current()
    if facts is None or facts.organization is None:
        raise TenantMissingError("Ask within a unit of work of a tenant: acting(domain=…, organization=…).")
    key = (facts.alias, facts.organization)  # a replica tells of itself
    until, known = _found.get(key, (0.0, None))
    if known is not None and time.monotonic() < until:
        return known
    with connections[facts.alias].cursor() as cursor:
        cursor.execute(_FIND, [facts.organization])
        row = cursor.fetchone()
    known = Standing(row[0], _switches(row[1])) if row else Standing()
    if len(_found) >= 10_000:
        _found.clear()
    _found[key] = (time.monotonic() + SECONDS, known)
    return known


def forget_standing() -> None:
    """Ask the database again next time."""
    _found.clear()


def fields_not_there_yet(model: type[models.Model]) -> frozenset[str]:
    """Fields of a model that the unit's tenant will get with a later version of its schema.

    Only models of tenants' own schemas have such, in ``fields_since``; their version tables follow them.
    """
    since: Mapping[str, int] | None = getattr(getattr(model, "instance_type", model), "fields_since", None)
    facts = current()
    if not since or facts is None or facts.organization is None:
        return _NOTHING
    reached = standing().schema_version
    return frozenset(name for name, version in since.items() if version > reached)


def _switches(said: Any) -> dict[str, bool]:
    if isinstance(said, str):  # Django leaves jsonb from raw SQL undecoded
        said = json.loads(said)
    return {name: value for name, value in (said or {}).items() if isinstance(value, bool)}
