"""The activity log: its entries, and the seals that prove them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from shared.domains.access import TableAccess
from shared.records.identifiers import UUID7, uuid7


class ActivityEvent(models.Model):
    """Something that was done, or attempted: written by the triggers of the tables, never changed.

    ``changes`` is ``{"status": ["open", "closed"]}``: from what to what, None where there was or is nothing. ``domain``
    owns the record, ``app`` is who acted. ``position`` counts the entries of a database; seals go by it. ``nonce`` keeps
    the sealed digest of an entry from being guessed after its values were erased; ``leaf`` is that digest, once they were.
    """

    table_access: ClassVar[TableAccess] = TableAccess(rows="tenant_and_readable", written_by_history=True)
    partitioned_by: ClassVar[str] = "at"
    global_columns: ClassVar[dict[str, str]] = {
        "position": "entries are sealed in the order of writing, of all tenants together"
    }

    position = models.BigIntegerField(primary_key=True, editable=False)
    nonce = models.UUIDField(null=True, editable=False)
    leaf = models.BinaryField(null=True, editable=False)
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
            models.Index(fields=["organization_id", "-at", "-position"], name="activity_events_newest"),
            models.Index(fields=["organization_id", "entity_id", "-at"], name="activity_events_entity"),
            models.Index(
                fields=["organization_id", "request_id"],
                name="activity_events_request",
                condition=models.Q(request_id__gt=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_type} {self.action}"


class ActivitySeal(models.Model):
    """Proof of the entries of a domain and month with positions above ``after``, up to ``until``.

    ``entries`` holds 24 bytes for each, by position: the position, and the first 16 bytes of its digest. ``digest``
    covers all this and ``previous``, the digest of the domain's seal before; ``signature`` is made with a key that the
    database does not have (``sealing.py``).
    """

    table_access: ClassVar[TableAccess] = TableAccess(
        rows="global",
        readers=(),
        writers=(),
        append_only=True,
        guarded=True,
        reason="Entries of all tenants are sealed together; the operator alone seals and verifies.",
    )

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)
    domain = models.CharField(max_length=32, editable=False)
    number = models.BigIntegerField(editable=False)
    month = models.DateField(editable=False)
    after = models.BigIntegerField(editable=False)
    until = models.BigIntegerField(editable=False)
    entries = models.BinaryField(editable=False)
    sealed_at = models.DateTimeField(editable=False)
    previous = models.BinaryField(editable=False)
    digest = models.BinaryField(editable=False)
    signature = models.BinaryField(editable=False)

    class Meta:
        db_table = 'shared"."activity_seals'
        verbose_name = "seal of the activity log"
        verbose_name_plural = "seals of the activity log"
        ordering = ("domain", "number")
        constraints = [models.UniqueConstraint(fields=["domain", "number"], name="activity_seals_number")]

    def __str__(self) -> str:
        return f"{self.domain} {self.number}"


class ActivityHorizon(models.Model):
    """How far the entries of a database are final.

    Positions are drawn when entries are written, and seen when their transaction commits: one that is still running may
    hold a lower position than others that are there already. So a ``position`` is noted with the next
    ``transaction`` to begin; when all before that have ended, everything up to it is ``final``.
    """

    table_access: ClassVar[TableAccess] = TableAccess(
        rows="global",
        readers=(),
        writers=(),
        reason="How far a database's entries are final; the operator's alone.",
    )

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    position = models.BigIntegerField(editable=False)
    transaction = models.BigIntegerField(editable=False)
    final = models.BigIntegerField(default=0, editable=False)

    class Meta:
        db_table = 'shared"."activity_horizons'

    def __str__(self) -> str:
        return str(self.final)
