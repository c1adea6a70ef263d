"""The golden customers that support works with."""

from __future__ import annotations

from shared.records.references import CustomerReferenceRecord


class CustomerReference(CustomerReferenceRecord):
    """A golden customer as support refers to it.

    Its identifier is the customer's own: the ``customer_id`` of a ticket is the one that callers know.
    """

    class Meta(CustomerReferenceRecord.Meta):
        db_table = 'support_app"."customer_references'
        verbose_name = "customer"
