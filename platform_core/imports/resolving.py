"""Whose row is it: finds the customers of a batch by e-mail or external id, and names those to be created."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from platform_core.choices import IdentifierKind
from platform_core.imports.custom_fields import CustomFields
from platform_core.imports.reading import Refused
from platform_core.imports.rows import CustomerValues, Row
from platform_core.normalisation import email_key
from shared.records import uuid7

FILLED = ("email", "name", "phone", "company", "preferred_language", "timezone")
"""What a row adds to a customer that lacks it."""


@dataclass
class Known:
    """Customers by e-mail (normal form) and external id, and the main e-mail of each, where they have one."""

    by_email: dict[str, uuid.UUID] = field(default_factory=dict)
    by_external_id: dict[str, uuid.UUID] = field(default_factory=dict)
    emails: dict[uuid.UUID, str] = field(default_factory=dict)
    gaps: dict[uuid.UUID, set[str]] = field(default_factory=dict)
    """What customers lack that were there before."""
    custom_fields: dict[uuid.UUID, set[str]] = field(default_factory=dict)
    """Custom fields of which they have a value."""
    owners: dict[tuple[uuid.UUID, str], uuid.UUID] = field(default_factory=dict)
    """Who has which value of a unique custom field: (definition, value as it is compared)."""


@dataclass(frozen=True, slots=True)
class NewIdentifier:
    """By what a customer will be recognised from now on."""

    customer: uuid.UUID
    kind: str
    value: str
    key: str


@dataclass
class Batch:
    """Rows of a batch with their customers: present ones, and new ones with an id already."""

    rows: list[tuple[Row, uuid.UUID]] = field(default_factory=list)
    present: dict[uuid.UUID, CustomerValues] = field(default_factory=dict)
    new: dict[uuid.UUID, CustomerValues] = field(default_factory=dict)
    identifiers: list[NewIdentifier] = field(default_factory=list)
    claims: list[tuple[uuid.UUID, str, uuid.UUID]] = field(default_factory=list)
    """Values of unique custom fields that are taken: definition, value as it is compared, customer."""
    refused: list[Refused] = field(default_factory=list)


def emails_of(rows: list[Row]) -> list[str]:
    """E-mails as given, of all rows, each once in any case."""
    return list(
        {email_key(row.customer.email): row.customer.email for row in rows if row.customer.email}.values()
    )


def external_ids_of(rows: list[Row]) -> list[str]:
    """External ids of all rows, each once."""
    return list(dict.fromkeys(row.customer.external_id for row in rows if row.customer.external_id))


def resolve(rows: list[Row], known: Known, fields: CustomFields) -> Batch:
    """Give each row its customer; ``known`` learns what the rows add.

    A row whose e-mail and external id name two customers is refused: no machine merges identified people. An e-mail
    beside the one that a customer has becomes a further identifier.
    """
    batch = Batch()
    for row in rows:
        email, external_id = email_key(row.customer.email), row.customer.external_id
        by_email = known.by_email.get(email) if email else None
        by_external_id = known.by_external_id.get(external_id) if external_id else None
        if by_email and by_external_id and by_email != by_external_id:
            reason = "The e-mail belongs to another customer than the external id: merge them first."
            batch.refused.append(Refused(row.line, row.text, reason))
            continue
        customer = by_email or by_external_id
        added = _added_fields(row.customer, customer, batch, known)
        claims = fields.claims(added)
        taken = [key for claim, key in claims.items() if known.owners.get(claim, customer) != customer]
        if taken:
            labels = " and ".join(fields.known[key].label for key in taken)
            batch.refused.append(Refused(row.line, row.text, f"Another customer has this {labels}."))
            continue
        if customer is None:
            customer = uuid7()
            batch.new[customer] = CustomerValues()
        gathered = batch.new.get(customer) or batch.present.get(customer)
        if gathered is None:
            gathered = batch.present[customer] = CustomerValues()
        if email and by_email is None:
            known.by_email[email] = customer
            if known.emails.get(customer):
                kind = IdentifierKind.EMAIL.value
                batch.identifiers.append(NewIdentifier(customer, kind, row.customer.email, email))
            else:
                known.emails[customer] = email
                gathered.email = row.customer.email
        if external_id and by_external_id is None:
            known.by_external_id[external_id] = customer
            kind = IdentifierKind.EXTERNAL_ID.value
            batch.identifiers.append(NewIdentifier(customer, kind, external_id, external_id))
        for name in ("account_tier", *FILLED[1:]):
            if not getattr(gathered, name):  # the first row that says something wins
                setattr(gathered, name, getattr(row.customer, name))
        gathered.custom_fields.update(added)
        for claim in claims:
            known.owners[claim] = customer
            batch.claims.append((*claim, customer))
        batch.rows.append((row, customer))
    batch.present = {
        customer: v for customer, v in batch.present.items() if _fills(v, known.gaps.get(customer))
    }
    return batch


def _added_fields(
    said: CustomerValues, customer: uuid.UUID | None, batch: Batch, known: Known
) -> dict[str, Any]:
    """The custom fields of a row that its customer lacks."""
    if not said.custom_fields:
        return {}
    gathered = batch.new.get(customer) or batch.present.get(customer) if customer else None
    has = (
        {*known.custom_fields.get(customer, ()), *(gathered.custom_fields if gathered else ())}
        if customer
        else ()
    )
    return {key: value for key, value in said.custom_fields.items() if key not in has}


def _fills(values: CustomerValues, gaps: set[str] | None) -> bool:
    """Whether the rows say something that the customer lacks."""
    return bool(values.custom_fields) or any(
        getattr(values, name) for name in FILLED if gaps is None or name in gaps
    )
