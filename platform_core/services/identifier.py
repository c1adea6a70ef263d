"""By what else customers are recognised."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from platform_core.choices import IdentifierKind
from platform_core.models import CustomerIdentifier
from platform_core.normalisation import identifier_key
from shared.errors import InvalidInput
from shared.records.saving import save_checked


@transaction.atomic
def add_identifier(
    *,
    customer_id: uuid.UUID,
    kind: str,
    value: str,
    source: str = "",
    verified_at: dt.datetime | None = None,
    is_primary: bool = False,
    custom_fields: dict[str, object] | None = None,
) -> CustomerIdentifier:
    """Let a customer be recognised by a further e-mail, phone or id.

    The database refuses a strong one that names another customer.
    """
    if kind not in IdentifierKind.values:
        raise InvalidInput({"kind": f"Choose one of {', '.join(IdentifierKind.values)}."})
    try:
        key = identifier_key(kind, value)
    except ValueError as error:
        raise InvalidInput({"value": str(error)}) from error
    if is_primary:
        _unset_primary(customer_id, kind)
    identifier = CustomerIdentifier(
        customer_id=customer_id,
        kind=kind,
        value=value.strip(),
        value_norm=key,
        source=source,
        verified_at=verified_at,
        is_primary=is_primary,
        custom_fields=custom_fields or {},
    )
    return save_checked(identifier)


@transaction.atomic
def update_identifier(
    *,
    customer_identifier: CustomerIdentifier,
    **changes: object,
) -> CustomerIdentifier:
    """Mark an identifier as verified or primary, or correct its source; its value never changes."""
    if changes.get("is_primary") and not customer_identifier.is_primary:
        _unset_primary(customer_identifier.customer_id, customer_identifier.kind)
    return save_checked(customer_identifier, changes)


@transaction.atomic
def remove_identifier(*, customer_identifier: CustomerIdentifier) -> None:
    """The customer is no longer recognised by it."""
    customer_identifier.soft_delete()


def _unset_primary(customer_id: uuid.UUID, kind: str) -> None:
    rows = CustomerIdentifier.objects.filter(customer_id=customer_id, kind=kind, is_primary=True)
    rows.update(is_primary=False)
