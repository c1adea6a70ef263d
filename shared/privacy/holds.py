"""Placing and releasing legal holds, and which rows they protect."""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any

from django.db import connections, models
from django.utils import timezone

from shared.domains.access import quoted
from shared.domains.check.compare import declared_models
from shared.domains.registry import find_domain_of_app
from shared.domains.router import database_aliases, domains_in
from shared.errors import Conflict, InvalidInput, NotFound
from shared.privacy.models import CUSTOMER, LegalHold
from shared.privacy.people import Model, Person, held_tables, search
from shared.records.models import Record
from shared.records.versions.upkeep import entity_type
from shared.session import current, operating
from shared.tenancy.models import Tenant

_NO_HOLD = "There is no such hold: see manage.py legal_hold TENANT."


def entities() -> dict[str, type[Record]]:
    """The kinds of records, by what the activity log calls them."""
    return {
        entity_type(model): model
        for in_tenant_schema in (False, True)
        for model in declared_models(tenant_apps=in_tenant_schema, versions=False)
        if issubclass(model, Record) and find_domain_of_app(model._meta.app_label)
    }


def place_hold(*, tenant: Tenant, entity: str, record_id: uuid.UUID, reason: str) -> None:
    """Keep a customer or a record, in every database, until it is released.

    Raises InvalidInput for an unknown entity or an empty reason, Conflict for what is held already.
    """
    if entity != CUSTOMER and entity not in entities():
        raise InvalidInput(
            f"There is no entity {entity!r}: give {CUSTOMER} or one of {', '.join(sorted(entities()))}."
        )
    if not reason.strip() or len(reason) > 500:
        raise InvalidInput("Give a reason of at most 500 characters: it is why nothing may be removed.")
    values = {"organization_id": tenant.pk, "entity": entity, "record_id": record_id}
    for alias in database_aliases():
        with operating(reason=f"legal hold: {reason}", domain=domains_in(alias)[0].name):
            if LegalHold.objects.filter(**values, released_at=None).exists():
                raise Conflict("This is held already: release that hold first if the reason has changed.")
            LegalHold(**values, reason=reason.strip(), created_by_app="operator").save(force_insert=True)


def release_hold(*, tenant: Tenant, entity: str, record_id: uuid.UUID) -> None:
    """End a hold; it stays as evidence. Raises NotFound."""
    released = 0
    for alias in database_aliases():
        with operating(reason="a legal hold is released", domain=domains_in(alias)[0].name):
            holds = LegalHold.objects.filter(
                organization_id=tenant.pk, entity=entity, record_id=record_id, released_at=None
            )
            released += holds.update(released_at=timezone.now())
    if not released:
        raise NotFound(_NO_HOLD)


def holds_of(tenant: Tenant) -> list[LegalHold]:
    """The holds of a tenant that are in force."""
    with operating(reason="legal holds are listed"):
        return list(
            LegalHold.objects.filter(organization_id=tenant.pk, released_at=None).order_by("created_at")
        )


def protected_rows() -> dict[Model, set[uuid.UUID]]:
    """The rows of the unit's domain that holds protect: those held, all that is held of a held customer, and whatever
    would take one of these along when it goes."""
    facts = current()
    assert facts is not None
    assert facts.organization is not None
    own = [model for model in held_tables() if _domain_of(model) == facts.domain]
    holds = list(LegalHold.objects.filter(released_at=None).values_list("entity", "record_id"))
    customers = frozenset(record for entity, record in holds if entity == CUSTOMER)
    protected: dict[Model, set[uuid.UUID]] = defaultdict(set)
    if not holds:
        return protected
    with connections[facts.alias].cursor() as cursor:
        there = [model for model in own if _exists(cursor, model)]
        person = Person(facts.organization, customers, _emails(cursor, there, facts.organization, customers))
        for model, _, _, ids in search(
            person, there, lambda m, where, values: _ids(cursor, m, "id", where, values)
        ):
            protected[model] |= ids
        for entity, record in holds:
            if (held := entities().get(entity)) is not None:
                protected[held].add(record)
        _protect_owners(cursor, facts.organization, protected)
    return protected


def _protect_owners(cursor: Any, organization: uuid.UUID, protected: dict[Model, set[uuid.UUID]]) -> None:
    """A row goes with what it cascades from, so that must stay as well; and so on upwards."""
    waiting = list(protected)
    while waiting:
        child = waiting.pop()
        for field in child._meta.local_concrete_fields:
            if not isinstance(field, models.ForeignKey) or field.remote_field.on_delete is not models.CASCADE:
                continue
            owner: Model = field.related_model  # type: ignore[assignment]
            found = _ids(
                cursor,
                child,
                f'"{field.column}"',
                "organization_id = %s AND id = ANY(%s)",
                [organization, list(protected[child])],
            )
            if found - protected[owner]:
                protected[owner] |= found
                waiting.append(owner)


def _emails(
    cursor: Any, there: list[Model], organization: uuid.UUID, customers: frozenset[uuid.UUID]
) -> frozenset[str]:
    """The addresses under which the domain knows the customers."""
    found: set[str] = set()
    for model in there:
        links = held_tables()[model]
        golden = next(
            (k.column for k in links if k.kind == "golden" and k.column in ("id", "customer_id")), None
        )
        mail = next((k.column for k in links if k.kind == "email"), None)
        if golden and mail:
            what = f'lower(btrim("{mail}"))'
            found |= _ids(
                cursor,
                model,
                what,
                f'organization_id = %s AND "{golden}" = ANY(%s)',
                [organization, list(customers)],
            )
    return frozenset(found - {""})


def _ids(cursor: Any, model: Model, column: str, where: str, values: list[Any]) -> set[Any]:
    cursor.execute(f"SELECT DISTINCT {column} FROM {quoted(model._meta.db_table)} WHERE {where}", values)
    return {value for (value,) in cursor.fetchall() if value is not None}


def _exists(cursor: Any, model: Model) -> bool:
    cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [quoted(model._meta.db_table)])
    return bool(cursor.fetchone()[0])


def _domain_of(model: Model) -> str:
    owner = find_domain_of_app(model._meta.app_label)
    return owner.name if owner else ""
