"""Taking an import back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connections, models, transaction
from django.db.models import Count, Q
from django.utils import timezone

from platform_core.models import Customer, CustomerInteraction, ImportBatch
from platform_core.services.profile import refresh_profiles
from shared.errors import NotFound
from shared.records.versions.undo import Plan, UndoConflict, lock, plan_undo_of_request
from shared.session import current

AT_ONCE = 5000


@dataclass(frozen=True)
class UndoneImport:
    """What was taken back: records that are as they were, and interactions that are gone."""

    records: int
    interactions: int


def undo_import(batch: ImportBatch) -> UndoneImport:
    """Hide what the import created, bring back what it changed, remove the interactions that it recorded, and compute
    the profiles anew: all of it or nothing.

    Raises Conflict where somebody has worked on these records since, or something else has happened with its customers;
    NotFound where there is nothing to take back. Whoever calls it has asked for the right.
    """
    facts = current()
    assert facts is not None
    with transaction.atomic(using=facts.alias):
        batch = lock(batch)
        plan = _plan(batch)
        plan.conflicts += _happened_since(batch, plan)
        done = plan.carry_out(_anything)
        removed = _remove_interactions(batch, facts.alias)
        if not done and not removed:
            raise NotFound(f"{batch.file_name} brought nothing that can be taken back.")
        batch.undone_at = timezone.now()
        batch.interactions_removed = removed
        batch.save(update_fields=["undone_at", "interactions_removed"])
        refresh_profiles()
    return UndoneImport(done, removed)


def _plan(batch: ImportBatch) -> Plan:
    try:
        return plan_undo_of_request(batch.request_id, domain="platform")
    except NotFound:  # it only recorded what customers did
        return Plan(f"undo of request {batch.request_id}")


def _happened_since(batch: ImportBatch, plan: Plan) -> list[UndoConflict]:
    """Customers who would go, but have done something since that another import or somebody else recorded."""
    going = {
        step.record.pk: step.record for step in plan.steps if step.hides and isinstance(step.record, Customer)
    }
    ids, found = sorted(going), []
    for start in range(0, len(ids), AT_ONCE):
        for customer, count in _others(batch, ids[start : start + AT_ONCE]):
            since = f"{count} recorded since"
            found.append(UndoConflict(Customer, customer, str(going[customer]), "interactions", None, since))
    return found


def _others(batch: ImportBatch, customers: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, int]]:
    """Customers with interactions that are not the import's, and how many. Imports of earlier releases left no mark on
    theirs: what is unmarked and as old as the import is its own."""
    ended = batch.finished_at or batch.updated_at
    foreign = Q(import_batch_id__isnull=True, created_at__gt=ended) | (
        Q(import_batch_id__isnull=False) & ~Q(import_batch_id=batch.pk)
    )
    rows = CustomerInteraction.objects.filter(foreign, customer_id__in=customers).order_by()
    return list(rows.values("customer_id").annotate(count=Count("pk")).values_list("customer_id", "count"))


def _remove_interactions(batch: ImportBatch, alias: str) -> int:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT platform.remove_imported_interactions(%s)", [batch.pk])
        return int(cursor.fetchone()[0])


def _anything(model: type[models.Model], verb: str) -> bool:
    return True
