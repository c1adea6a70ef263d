"""How long records stay: a tenant's rule for each kind of record, applied every night.

A model that ages says from when on (``retained_from``); a tenant's settings say for how many days, and whether the record
is then hidden or removed. What a legal hold protects stays.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from django.db import connections
from django.utils import timezone

from shared.domains.registry import central_domain, domain_of_app
from shared.errors import InvalidInput
from shared.privacy.holds import entities, protected_rows
from shared.records.models import Record
from shared.session import Actor, acting, current, operating
from shared.tenancy.models import Tenant

CHUNK = 500
LONGEST = 36_500
Action = Literal["hide", "remove"]


@dataclass(frozen=True)
class RetentionRule:
    """Records of a kind stay for ``days`` after the time in ``retained_from``; then they are hidden, or removed for good.

    Versions and the activity log tell of both, and keep what the record was."""

    entity: str
    days: int
    action: Action = "hide"

    @property
    def model(self) -> type[Record]:
        return entities()[self.entity]

    @property
    def domain(self) -> str:
        return domain_of_app(self.model._meta.app_label).name

    def __str__(self) -> str:
        return f"{self.entity}: {self.action} {self.days} days after {self.model.retained_from}"


@dataclass(frozen=True)
class Applied:
    """How many records a rule has reached, or would reach; ``held`` are those that stay because of a hold."""

    rule: RetentionRule
    reached: int
    held: int


def ageing_entities() -> list[str]:
    """The kinds of records for which a tenant may have a rule."""
    return sorted(entity for entity, model in entities().items() if model.retained_from)


def rules_of(tenant: Tenant) -> list[RetentionRule]:
    """The tenant's rules, of kinds that there are."""
    said: dict[str, Any] = tenant.settings.get("retention") or {}
    return [
        RetentionRule(entity, rule["days"], rule["action"])
        for entity, rule in sorted(said.items())
        if entity in ageing_entities()
    ]


def set_rule(*, tenant: Tenant, entity: str, days: int | None, action: Action = "hide") -> None:
    """Keep records of a kind for so many days, None for ever. Raises InvalidInput."""
    if entity not in ageing_entities():
        raise InvalidInput(f"{entity!r} does not age: choose among {', '.join(ageing_entities())}.")
    if days is not None and not 1 <= days <= LONGEST:
        raise InvalidInput(f"Keep records for between 1 and {LONGEST:,} days.")
    if action not in get_args(Action):
        raise InvalidInput(f"Choose among {', '.join(get_args(Action))}.")
    with operating(reason="a rule of retention is set", domain=central_domain().name):
        fresh = Tenant.objects.select_for_update().get(pk=tenant.pk)
        rules = dict(fresh.settings.get("retention") or {})
        rules.pop(entity, None)
        if days is not None:
            rules[entity] = {"days": days, "action": action}
        fresh.settings = {**fresh.settings, "retention": rules}
        fresh.save(update_fields=["settings"], verbosity=0)


def apply_rule(
    rule: RetentionRule, tenant: Tenant, *, dry_run: bool = False, now: dt.datetime | None = None
) -> Applied:
    """Carry a rule out for a tenant, in chunks along the primary key, each in a transaction of its own."""
    before = (now or timezone.now()) - dt.timedelta(days=rule.days)
    reached = held = 0
    last: uuid.UUID | None = None
    while True:
        with _unit(rule, tenant):
            if not _is_there(rule):
                break
            protected = protected_rows()[rule.model]
            due = list(_due(rule, before, last)[:CHUNK])
            chosen = [pk for pk in due if pk not in protected]
            reached, held = reached + len(chosen), held + len(due) - len(chosen)
            if chosen and not dry_run:
                _let_go(rule, chosen)
        if not due:
            break
        last = due[-1]
    return Applied(rule, reached, held)


def _due(rule: RetentionRule, before: dt.datetime, last: uuid.UUID | None) -> Any:
    rows = rule.model.objects if rule.action == "hide" else rule.model.all_objects
    due = rows.filter(**{f"{rule.model.retained_from}__lt": before})
    if last is not None:
        due = due.filter(pk__gt=last)
    return due.order_by("pk").values_list("pk", flat=True)


def _let_go(rule: RetentionRule, ids: list[uuid.UUID]) -> None:
    rows = rule.model.all_objects.filter(pk__in=ids)
    rows.soft_delete()  # which also sets free their values of unique custom fields
    if rule.action == "remove":
        rows.delete()


def _is_there(rule: RetentionRule) -> bool:
    """Whether the tenant has the table: an integration may not be connected."""
    facts = current()
    assert facts is not None
    with connections[facts.alias].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{rule.model._meta.db_table}"'])
        return bool(cursor.fetchone()[0])


def _unit(rule: RetentionRule, tenant: Tenant) -> Any:
    return acting(
        domain=rule.domain,
        organization=tenant.pk,
        actor=Actor(kind="system", name="retention"),
        reason=f"retention: {rule.days} days after {rule.model.retained_from}",
    )


def apply_all(
    domains: list[str], *, dry_run: bool = False, only: str | None = None
) -> Iterator[tuple[Tenant, Applied]]:
    """Carry out the rules of all tenants on records of these domains, which live in one database."""
    with operating(reason="rules of retention are looked up", domain=domains[0]):
        tenants = list(Tenant.objects.order_by("created_at", "id"))
    for tenant in tenants:
        if only is None or tenant.slug == only:
            for rule in rules_of(tenant):
                if rule.domain in domains:
                    yield tenant, apply_rule(rule, tenant, dry_run=dry_run)
