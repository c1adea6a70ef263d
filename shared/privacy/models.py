"""Legal holds: what must not be removed, whatever the rules of retention say."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shared.domains.access import TableAccess
from shared.records import TenantRow

CUSTOMER = "customer"
"""The entity of a hold on a golden customer: on all that is held of them."""


class LegalHold(TenantRow):
    """A customer (``entity`` is ``customer``), or one record (``support.ticket``), is kept until the hold is released.

    Operators place it, in every database; domains read it.
    """

    table_access: ClassVar[TableAccess] = TableAccess(writers=())
    referable: ClassVar[bool] = False

    entity = models.CharField(max_length=64)
    record_id = models.UUIDField()
    reason = models.CharField(max_length=500)
    released_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = 'shared"."legal_holds'
        verbose_name = "legal hold"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "entity", "record_id"],
                condition=models.Q(released_at__isnull=True),
                name="legal_holds_record_key",
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.record_id}: {self.reason}"
