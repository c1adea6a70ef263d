"""Undo: bring records back to a former state, all of it or nothing.

A plan says what would be done and what stands against it: a field that somebody has changed since is a conflict, whatever
its value is now. Carrying it out writes records as everybody does: the undo has versions of its own, with a reason, and
row-level security, rights and validation hold for it.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from shared.errors import Conflict, Forbidden, NotFound
from shared.records.activity.models import ActivityEvent
from shared.records.custom_fields.selectors import actor_is_a_key
from shared.records.deletion import hide, owned_by
from shared.records.models import Record
from shared.records.saving import save_all_checked, save_checked
from shared.records.versions.diff import told_fields
from shared.records.versions.upkeep import entity_type
from shared.session import acting, current

CUSTOM = "custom_fields"
DELETED = "deleted_at"
SHOWN = 50
"""Conflicts that a refusal lists."""

May = Callable[[type[models.Model], str], bool]
"""Whether who undoes may ``change`` or ``delete`` records of a kind."""


@dataclass(frozen=True)
class UndoConflict:
    """A field (``custom_fields.size`` too) that has another value now than what is to be undone left."""

    model: type[models.Model]
    id: uuid.UUID
    record: str
    field: str
    left: Any
    now: Any


@dataclass
class Step:
    """What is to be done with one record: ``values`` to write back, by column; ``hides`` one that came into being."""

    record: Any
    values: dict[str, Any] = field(default_factory=dict)
    custom_fields: dict[str, Any] = field(default_factory=dict)
    hides: bool = False
    revives: bool = False

    def __bool__(self) -> bool:
        return bool(self.values or self.custom_fields or self.hides or self.revives)


@dataclass
class Plan:
    """Steps in an order in which they can be done, and the conflicts, which forbid them all."""

    reason: str
    steps: list[Step] = field(default_factory=list)
    conflicts: list[UndoConflict] = field(default_factory=list)

    def carry_out(self, may: May) -> int:
        """Do it; returns how many records were changed. Raises Conflict with the list, Forbidden naming the kind."""
        if self.conflicts:
            raise Conflict(
                f"{len(self.conflicts)} of the values have been changed since: nothing was undone. Undo the later "
                "changes first, or set the values by hand.",
                code="undo_conflict",
                conflicts=[_as_json(conflict) for conflict in self.conflicts[:SHOWN]],
            )
        for step in self.steps:
            verb = "delete" if step.hides or step.revives else "change"
            if not may(type(step.record), verb):
                raise Forbidden(
                    f"You may not {verb} {step.record._meta.verbose_name_plural}: nothing was undone."
                )
        facts = current()
        assert facts is not None
        with acting(reason=self.reason), transaction.atomic(using=facts.alias):
            alike: dict[Any, list[Any]] = defaultdict(list)
            for step in self.steps:
                if step.revives:
                    step.record.restore()
                if step.custom_fields or step.revives:
                    _write(step)
                elif step.values:
                    for name, value in step.values.items():
                        setattr(step.record, name, value)
                    alike[type(step.record), tuple(step.values)].append(step.record)
            for (_, names), records in alike.items():
                save_all_checked(records, names)
            born: dict[type[models.Model], list[Any]] = defaultdict(list)
            for step in self.steps:
                if step.hides:
                    born[type(step.record)].append(step.record.pk)
            moment = timezone.now()
            for model, ids in born.items():
                hide(model._base_manager.filter(pk__in=ids), at=moment)
        return len(self.steps)


def plan_undo_of_version(record: Record, number: int) -> Plan:
    """Undo one change of a record: that which made the version ``number``. Raises NotFound without such a version."""
    rows = type(record).history.filter(id=record.pk, version__in=(number - 1, number))
    versions = {row.version: row for row in rows}
    if number not in versions:
        raise NotFound(f"There is no version {number} of this {record._meta.verbose_name}.")
    plan = Plan(f"undo of version {number}")
    _plan_record(plan, record, [versions[number]], {number - 1: versions.get(number - 1)})
    return plan


def plan_restore(record: Record, number: int) -> Plan:
    """Bring a record back to what it was as version ``number``, whatever came after. Raises NotFound."""
    version = type(record).history.filter(id=record.pk, version=number).first()
    if version is None or version.history_type == "-":
        raise NotFound(f"There is no version {number} of this {record._meta.verbose_name}.")
    plan = Plan(f"restored to version {number}")
    step = Step(record)
    for name in _names(type(record)):
        if name == CUSTOM:
            step.custom_fields = _difference(record.custom_fields, version.custom_fields)
        elif name == DELETED:
            step.revives = record.deleted_at is not None and version.deleted_at is None
            step.hides = record.deleted_at is None and version.deleted_at is not None
        elif getattr(record, name) != getattr(version, name):
            step.values[name] = getattr(version, name)
    if step:
        plan.steps.append(step)
    return plan


def plan_undo_of_request(request_id: str, *, domain: str) -> Plan:
    """Undo what one request changed in a domain, an import too: its records are locked until the unit ends.

    Raises NotFound where it changed nothing. Rows that never change (messages, interactions) stay, and so does what is
    computed from other records (``Record.undoable``).
    """
    plan = Plan(f"undo of request {request_id}")
    touched = _touched_by(request_id, domain)
    if not touched:
        raise NotFound(f"The request {request_id} changed nothing here that can be undone.")
    for model, ids in touched.items():
        for part in _chunks(ids):
            locked = model._base_manager.filter(pk__in=part).order_by("pk").select_for_update(of=("self",))
            records = {record.pk: record for record in locked}
            made: dict[uuid.UUID, list[Any]] = defaultdict(list)
            versions = model.history.filter(id__in=part, history_request_id=request_id)
            for version in versions.order_by("id", "version"):
                made[version.id].append(version)
            before = _versions_before(model, made)
            for key in part:
                if key in records and made[key]:
                    _plan_record(plan, records[key], made[key], before[key])
    plan.steps.sort(key=lambda step: not step.revives)
    plan.conflicts += _dependants_since(plan)
    return plan


def _dependants_since(plan: Plan) -> Iterator[UndoConflict]:
    """What would go with records that came into being, and came later: somebody else's work. What is computed from others
    goes without a word."""
    born: dict[type[Any], dict[uuid.UUID, Any]] = defaultdict(dict)
    for step in plan.steps:
        if step.hides:
            born[type(step.record)][step.record.pk] = step.record
    for model, going in list(born.items()):
        for child, name in owned_by(model):
            if not child.undoable:  # type: ignore[attr-defined]  # a record's
                continue
            kind = str(child._meta.verbose_name_plural)
            for part in _chunks(list(going)):
                rows = child._base_manager.filter(**{f"{name}__in": part, "deleted_at": None})
                later: dict[uuid.UUID, int] = defaultdict(int)
                for key, parent in rows.values_list("pk", f"{name}_id"):
                    if key not in born[child]:
                        later[parent] += 1
                for parent, count in later.items():
                    now = f"{count} made since"
                    yield UndoConflict(model, parent, str(going[parent]), kind, None, now)


def _touched_by(request_id: str, domain: str) -> dict[Any, list[uuid.UUID]]:
    """What a request wrote, from the activity log, by kind of record."""
    kinds = {
        entity_type(model): model
        for model in apps.get_models()
        if issubclass(model, Record) and model.undoable
    }
    told = ActivityEvent.objects.filter(
        organization_id=current().organization,  # type: ignore[union-attr]  # inside a unit
        domain=domain,
        request_id=request_id,
    )
    found: dict[Any, list[uuid.UUID]] = defaultdict(list)
    for kind, key in told.order_by().values_list("entity_type", "entity_id").distinct():
        if kind in kinds and key is not None:
            found[kinds[kind]].append(key)
    return found


def lock(record: Record) -> Any:
    """The record as it is now, locked until the unit ends."""
    return type(record)._base_manager.select_for_update(of=("self",)).get(pk=record.pk)


def _plan_record(plan: Plan, record: Record, made: list[Any], before: dict[int, Any]) -> None:
    """Undo the versions ``made`` of one record; ``before`` has the version that each followed, by number."""
    if made[0].history_type == "+":
        _plan_of_birth(plan, record, made)
        return
    old: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for version in made:
        earlier = before.get(version.version - 1)
        for name, was, became in _changed(type(record), earlier, version):
            old.setdefault(name, was)
            left[name] = became
    step = Step(record)
    for name, became in left.items():
        now, was = _value(record, name), old[name]
        if now == was:
            continue
        if now != became:
            plan.conflicts.append(UndoConflict(type(record), record.pk, str(record), name, became, now))
        elif name == DELETED:
            step.revives, step.hides = was is None, was is not None
        elif name.startswith(f"{CUSTOM}."):
            step.custom_fields[name.partition(".")[2]] = was
        else:
            step.values[name] = was
    if step:
        plan.steps.append(step)


def _plan_of_birth(plan: Plan, record: Record, made: list[Any]) -> None:
    """A record that came into being goes, unless somebody has worked on it since."""
    if record.deleted_at is not None:
        return
    for name, became, now in _changed(type(record), made[-1], record):
        plan.conflicts.append(UndoConflict(type(record), record.pk, str(record), name, became, now))
    plan.steps.append(Step(record, hides=True))


def _changed(model: type[models.Model], before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """(name, before, after) of what differs; custom fields each by itself."""
    for name in _names(model):
        old, new = (None if state is None else getattr(state, name) for state in (before, after))
        if old == new:
            continue
        if name != CUSTOM:
            yield name, old, new
            continue
        old, new = old or {}, new or {}
        for key in {**old, **new}:
            if old.get(key) != new.get(key):
                yield f"{CUSTOM}.{key}", old.get(key), new.get(key)


def _names(model: type[models.Model]) -> list[str]:
    return [field.attname for field in told_fields(model)]  # type: ignore[attr-defined]  # missing in the stubs


def _value(record: Record, name: str) -> Any:
    head, _, key = name.partition(".")
    return record.custom_fields.get(key) if key and head == CUSTOM else getattr(record, name)


def _difference(now: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """What to set so that ``now`` becomes ``then``; None removes."""
    return {key: then.get(key) for key in {**now, **then} if now.get(key) != then.get(key)}


def _write(step: Step) -> None:
    changes = dict(step.values)
    if step.custom_fields:
        changes[CUSTOM] = step.custom_fields
    if changes:
        save_checked(step.record, changes, follows=True)


def _versions_before(model: Any, made: dict[uuid.UUID, list[Any]]) -> dict[uuid.UUID, dict[int, Any]]:
    """By record the versions that those made by the request followed, by number; one query."""
    found: dict[uuid.UUID, dict[int, Any]] = {
        key: {version.version: version for version in versions} for key, versions in made.items()
    }
    wanted = [
        (key, version.version - 1)
        for key, versions in made.items()
        for version in versions
        if version.history_type != "+" and version.version - 1 not in found[key]
    ]
    if wanted:
        numbers = {number for _, number in wanted}
        for row in model.history.filter(id__in=[key for key, _ in wanted], version__in=numbers):
            found[row.id][row.version] = row
    return found


def _chunks(keys: list[uuid.UUID], size: int = 1000) -> Iterator[list[uuid.UUID]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), size):
        yield ordered[start : start + size]


def _as_json(conflict: UndoConflict) -> dict[str, Any]:
    named = {
        "entity": str(conflict.model._meta.verbose_name),
        "id": str(conflict.id),
        "record": conflict.record,
        "field": conflict.field,
    }
    # A key does not read the custom fields that staff keep to themselves, so it is not told their values here either.
    if conflict.field.startswith(f"{CUSTOM}.") and actor_is_a_key():
        return named
    return {**named, "left": conflict.left, "now": conflict.now}
