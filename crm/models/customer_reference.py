"""The golden customers that sales works with."""

from __future__ import annotations

from shared.records.references import CustomerReferenceRecord


class CustomerReference(CustomerReferenceRecord):
    """A golden customer as CRM refers to it."""

    class Meta(CustomerReferenceRecord.Meta):
        db_table = 'crm"."customer_references'
