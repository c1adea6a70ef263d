"""The golden customers that support works with."""

from __future__ import annotations

from django.db import models

from shared.records.references import CustomerReferenceRecord


class CustomerReference(CustomerReferenceRecord):
    """A golden customer as support refers to it.

    Its identifier is the customer's own: the ``customer_id`` of a ticket is the one that callers know.
    """

    referable = False  # it is: see the last constraint, whose name no other app's table of this name has

    class Meta(CustomerReferenceRecord.Meta):
        db_table = 'support_app"."customer_references'
        verbose_name = "customer"
        constraints = [
            *CustomerReferenceRecord.Meta.constraints,
            models.UniqueConstraint(
                fields=["organization", "id"], name="support_customer_references_organization_id_key"
            ),
        ]
