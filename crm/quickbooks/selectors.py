"""Reading what QuickBooks knows of customers."""

from __future__ import annotations

from django.db import connections
from django.db.models import Q, QuerySet

from crm.quickbooks.models import QuickbooksCustomer
from shared.errors import NotFound
from shared.session import current
from shared.tenancy.standing import fields_not_there_yet


class QuickbooksNotConnected(NotFound):
    """QuickBooks is not connected: ask an administrator to connect it."""

    code = "quickbooks_not_connected"
    default_message = "QuickBooks is not connected: ask an administrator to connect it."


def is_connected() -> bool:
    """Whether the tenant of the unit has the integration's tables.

    Asked of the catalog, since selecting from a missing table would spoil the unit's transaction. A schema
    that the acting role may not use is not on its search path, so it counts as not connected.
    """
    facts = current()
    table = QuickbooksCustomer._meta.db_table
    with connections[facts.alias if facts else "default"].cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        row = cursor.fetchone()
    return bool(row and row[0])


def quickbooks_customers() -> QuerySet[QuickbooksCustomer]:
    """The tenant's customers in QuickBooks; raises QuickbooksNotConnected."""
    if not is_connected():
        raise QuickbooksNotConnected()
    return QuickbooksCustomer.objects.all()


def with_email(email: str) -> Q:
    """Customers of this e-mail, in any case; by the index where the tenant's schema has it already."""
    if "email_norm" in fields_not_there_yet(QuickbooksCustomer):
        return Q(email__iexact=email.strip())
    return Q(email_norm=email.strip().lower())


def unmatched_customers() -> QuerySet[QuickbooksCustomer]:
    """Customers with an e-mail and no golden customer; raises QuickbooksNotConnected."""
    return quickbooks_customers().filter(customer_id__isnull=True).exclude(email="")
