"""What was rolled out to whom, and when. Written by commands alone: no domain's role may read or write it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from shared.domains.access import TableAccess
from shared.records import TenantRow
from shared.records.identifiers import UUID7, uuid7
from shared.tenancy.rollout.choices import StepState, WaveState


class RolloutWave(models.Model):
    """One change on its way to some tenants.

    ``subject`` is an app of the tenants' own schemas, or a feature; ``target`` its migration, or ``on`` and ``off``.
    ``chosen`` says in words which tenants.
    """

    table_access: ClassVar[TableAccess] = TableAccess(
        rows="global", readers=(), writers=(), reason="a wave goes through many tenants"
    )

    id = models.UUIDField(primary_key=True, default=uuid7, db_default=UUID7(), editable=False)
    subject = models.CharField(max_length=64)
    target = models.CharField(max_length=255)
    chosen = models.CharField(max_length=200)
    state = models.CharField(max_length=16, choices=WaveState, default=WaveState.RUNNING)
    begun_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = 'shared"."rollout_waves'
        ordering = ("begun_at", "id")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=WaveState.values), name="rollout_waves_state_check"
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.target}, {self.chosen}"


class RolloutStep(TenantRow):
    """One tenant of a wave. ``failure`` is what the database or the migration said."""

    table_access: ClassVar[TableAccess] = TableAccess(readers=(), writers=())
    referable: ClassVar[bool] = False

    wave = models.ForeignKey(RolloutWave, on_delete=models.CASCADE, related_name="steps", db_index=False)
    state = models.CharField(max_length=16, choices=StepState, default=StepState.WAITING)
    ended_at = models.DateTimeField(null=True)
    failure = models.TextField(default="")

    class Meta(TenantRow.Meta):
        db_table = 'shared"."rollout_steps'
        constraints = [
            models.UniqueConstraint(fields=["organization", "wave"], name="rollout_steps_wave_key"),
            models.CheckConstraint(
                condition=models.Q(state__in=StepState.values), name="rollout_steps_state_check"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.state}"
