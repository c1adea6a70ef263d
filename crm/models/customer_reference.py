"""The golden customers that sales works with."""

from __future__ import annotations

from typing import ClassVar

from shared.records.references import CustomerReferenceRecord


class CustomerReference(CustomerReferenceRecord):
    """A golden customer as CRM refers to it: sales see everyone, also those whom support met first."""

    follows_all: ClassVar[bool] = True

    class Meta(CustomerReferenceRecord.Meta):
        db_table = 'crm"."customer_references'
