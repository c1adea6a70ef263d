"""One entry of the activity log."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shared.domains.access import TableAccess


class ActivityEvent(models.Model):
    """Something that was done, or attempted: written by the triggers of the tables, never changed.

    ``changes`` is ``{"status": ["open", "closed"]}``: from what to what, None where there was or is nothing. ``domain``
    owns the record, ``app`` is who acted. ``position`` counts the entries of a database; seals go by it. ``nonce`` keeps
    the sealed digest of an entry from being guessed after its values were erased.
    """

    table_access: ClassVar[TableAccess] = TableAccess(rows="tenant_and_readable", written_by_history=True)
    partitioned_by: ClassVar[str] = "at"
    global_columns: ClassVar[dict[str, str]] = {
        "position": "entries are sealed in the order of writing, of all tenants together"
    }

    id = models.UUIDField(primary_key=True, editable=False)
    position = models.BigIntegerField(db_index=True, editable=False)
    nonce = models.UUIDField(null=True, editable=False)
    organization_id = models.UUIDField(null=True, editable=False)
    domain = models.CharField(max_length=32, editable=False)
    at = models.DateTimeField(editable=False)
    entity_type = models.CharField(max_length=64, editable=False)
    entity_id = models.UUIDField(null=True, editable=False)
    entity_version = models.IntegerField(null=True, editable=False)
    action = models.CharField(max_length=32, editable=False)
    changes = models.JSONField(default=dict, editable=False)
    app = models.CharField(max_length=63, editable=False)
    actor_kind = models.CharField(max_length=16, editable=False)
    actor_id = models.UUIDField(null=True, editable=False)
    actor_name = models.TextField(editable=False)
    actor_ip = models.TextField(editable=False)
    user_agent = models.TextField(editable=False)
    request_id = models.TextField(editable=False)
    reason = models.TextField(editable=False)

    class Meta:
        db_table = 'shared"."activity_events'
        verbose_name = "activity"
        verbose_name_plural = "activity log"
        ordering = ("-at", "-position")
        indexes = [
            models.Index(fields=["organization_id", "-at", "-id"], name="activity_events_newest"),
            models.Index(fields=["organization_id", "entity_id", "-at"], name="activity_events_entity"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_type} {self.action}"
