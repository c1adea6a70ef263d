"""Answers kept for callers who repeat a request."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from shared.domains.access import TableAccess
from shared.records import TenantRow


class IdempotencyKey(TenantRow):
    """One request with an ``Idempotency-Key``: inserted before its effect, in the same transaction.

    ``final`` is false while work between units may still complete the answer.
    """

    table_access: ClassVar[TableAccess] = TableAccess(rows="tenant_and_domain")
    referable: ClassVar[bool] = False

    domain = models.CharField(max_length=32)
    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")
    final = models.BooleanField(default=False)
    expires_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantRow.Meta):
        db_table = 'shared"."idempotency_keys'
        verbose_name = "idempotency key"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "domain", "caller", "key"], name="idempotency_keys_caller_key"
            )
        ]
        indexes = [models.Index("organization", "expires_at", name="idempotency_keys_expiry")]

    def __str__(self) -> str:
        return self.key
