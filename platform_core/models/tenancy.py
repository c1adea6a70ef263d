"""The tenant of rows that hang on a customer."""

from __future__ import annotations

from typing import Any

from django.db import models


def tenant_of_customer() -> models.ForeignKey[Any, Any]:
    """The column ``organization`` for tables that grow fast, without a constraint of its own.

    Their key (organization_id, customer_id) leads to a customer, whose own constraint leads to the tenant: so a
    second check for each row would prove nothing and costs an import a tenth of its time.
    """
    return models.ForeignKey(
        "shared.Tenant",
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
        db_index=False,
        db_constraint=False,
    )
