"""Which tables hold a customer's data, and by which columns a row leads to the person: derived from the models.

- A model that ``describes = "customer"`` is the person: its id is the golden one.
- A UUID column ``customer_id`` or ``…_customer_id`` holds a golden id.
- An e-mail column names the person, unless the model ``describes = "staff"``.
- A foreign key to any of these tables makes a row part of what is held there: notes of a ticket of the customer.
- ``record_id`` of a table beside the records (values of custom fields) names any of these rows.

Version tables have their record's columns, so they are found in the same way. Entries of the activity log are those of
the rows' ids.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from django.db import models

from shared.domains.access import access_of
from shared.domains.check.compare import declared_models
from shared.records.custom_fields.models import FieldTerm, UniqueFieldValue

Model = type[models.Model]
Found = dict[Model, set[uuid.UUID]]


@dataclass(frozen=True)
class Link:
    """How a row leads to the person: by the golden id, an e-mail, another row (of ``target``), or any row that is held."""

    kind: Literal["golden", "email", "row", "any"]
    column: str
    target: Model | None = None


@dataclass(frozen=True)
class Person:
    """A customer of a tenant: the golden ids and the e-mails (in lower case) by which they are known."""

    organization: uuid.UUID
    ids: frozenset[uuid.UUID] = frozenset()
    emails: frozenset[str] = frozenset()


@cache
def held_tables() -> Mapping[Model, tuple[Link, ...]]:
    """The tables that hold customers' data, each after those that its rows refer to."""
    candidates = [
        model
        for in_tenant_schema in (False, True)
        for model in declared_models(tenant_apps=in_tenant_schema, versions=False)
        if access_of(model).rows.startswith("tenant") and getattr(model, "describes", "") != "staff"
    ]
    found: dict[Model, tuple[Link, ...]] = {}
    while fresh := {m: links for m in candidates if (links := _links(m, found)) != found.get(m, ())}:
        found.update(fresh)
    beside = {
        m: (Link("any", "record_id"),) for m in candidates if issubclass(m, (UniqueFieldValue, FieldTerm))
    }
    return _owners_first(found) | beside


def link_columns(model: Model) -> frozenset[str]:
    """The columns by which rows of a table lead to a person."""
    return frozenset(link.column for link in held_tables().get(model, ()))


def search(
    person: Person, tables: Iterable[Model], ids: Callable[[Model, str, list[Any]], set[uuid.UUID]]
) -> Iterator[tuple[Model, str, list[Any], set[uuid.UUID]]]:
    """The person's rows, table by table: the condition that finds them with its parameters (it holds for versions, too),
    and their ids.

    ``tables`` are some of held_tables() that are there, in their order; ``ids`` asks a database. Tables that triggers
    derive from others are left out.
    """
    found: Found = {}
    for model in tables:
        if access_of(model).derived:
            continue
        where, values = condition(held_tables()[model], person, found)
        where, values = f'"organization_id" = %s AND {where}', [person.organization, *values]
        found[model] = ids(model, where, values)
        yield model, where, values, found[model]


def condition(links: Iterable[Link], person: Person, found: Found) -> tuple[str, list[Any]]:
    """SQL for the rows (or versions) that lead to the person, with its parameters. ``found`` are those of the tables
    before."""
    everything = [identifier for ids in found.values() for identifier in ids]
    parts, values = [], []
    for link in links:
        match link.kind:
            case "golden":
                wanted: list[Any] = list(person.ids)
            case "email":
                wanted = list(person.emails)
            case "row":
                wanted = list(found.get(link.target, ())) if link.target else []
            case "any":
                wanted = everything
        column = f'lower(btrim("{link.column}"))' if link.kind == "email" else f'"{link.column}"'
        parts.append(f"{column} = ANY(%s)")
        values.append(wanted)
    return f"({' OR '.join(parts)})", values


def _links(model: Model, found: Mapping[Model, tuple[Link, ...]]) -> tuple[Link, ...]:
    links: list[Link] = []
    if getattr(model, "describes", "") == "customer":
        links.append(Link("golden", "id"))
    for field in model._meta.local_concrete_fields:
        column = str(field.column)
        if isinstance(field, models.ForeignKey):
            if field.related_model in found and field.related_model is not model:
                links.append(Link("row", column, field.related_model))
        elif isinstance(field, models.UUIDField) and (
            column == "customer_id" or column.endswith("_customer_id")
        ):
            links.append(Link("golden", column))
        elif isinstance(field, models.EmailField):
            links.append(Link("email", column))
    return tuple(links)


def _owners_first(found: Mapping[Model, tuple[Link, ...]]) -> dict[Model, tuple[Link, ...]]:
    ordered: dict[Model, tuple[Link, ...]] = {}
    waiting = dict(found)
    while waiting:
        ready = [m for m, links in waiting.items() if all(k.target not in waiting for k in links)]
        if not ready:
            raise RuntimeError(
                f"These tables refer to one another in a circle: {[m._meta.label for m in waiting]}."
            )
        for model in ready:
            ordered[model] = waiting.pop(model)
    return ordered
