"""Numbers of tickets: per tenant, without gaps."""

from __future__ import annotations

from django.db import connections

from shared.records.identifiers import uuid7
from shared.session import TenantMissingError, current

# The row stays locked until the unit ends, and a unit that is undone gives its number back.
_TAKE_NEXT = """INSERT INTO support_app.ticket_counters AS counter
 (id, organization_id, created_at, created_by_app, last_number)
 VALUES (%s, %s, now(), %s, 1)
 ON CONFLICT (organization_id) DO UPDATE SET last_number = counter.last_number + 1
 RETURNING last_number"""


def take_ticket_number() -> int:
    """The next number of the current tenant. Take it last: other openers wait until this unit ends."""
    facts = current()
    if facts is None or facts.organization is None:
        raise TenantMissingError("A ticket number is taken inside of a tenant's unit of work.")
    with connections[facts.alias].cursor() as cursor:
        cursor.execute(_TAKE_NEXT, [uuid7(), facts.organization, facts.domain])
        number: int = cursor.fetchone()[0]
    return number
