"""How far a backfill is for a tenant."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shared.domains.access import TableAccess
from shared.records import TenantRow


class BackfillPosition(TenantRow):
    """The last row that a backfill has looked at, by its id; committed with what was filled.

    ``finished_at`` is set when there was no further row.
    """

    table_access: ClassVar[TableAccess] = TableAccess(rows="tenant_and_domain")
    referable: ClassVar[bool] = False

    domain = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    position = models.UUIDField(null=True)
    looked_at = models.BigIntegerField(default=0)
    filled = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = 'shared"."backfill_positions'
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "domain", "name"], name="backfill_positions_name_key"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.looked_at}"
