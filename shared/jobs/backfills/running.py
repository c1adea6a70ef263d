"""Running a backfill: chunk by chunk along the primary key, each a short transaction that also keeps the position."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from shared.api.units import carry_out
from shared.jobs.backfills.models import BackfillPosition
from shared.jobs.backfills.registry import Backfill
from shared.session import Actor, acting, operating
from shared.tenancy.models import Tenant


@dataclass(frozen=True)
class Chunk:
    """How many rows were looked at and filled; a chunk without rows is the last."""

    looked_at: int
    filled: int


@dataclass(frozen=True)
class BackfillRun:
    """One backfill for one tenant, from where it stopped.

    ``size`` rows are looked at in a transaction, and between two of them ``pause`` seconds are left to the others.
    """

    backfill: Backfill
    tenant: Tenant
    size: int = 1000
    pause: float = 0.1

    def unit(self, *, reading: bool = False) -> Any:
        """A unit of the backfill's domain for the tenant; versions and activity log name the backfill."""
        name = f"backfill {self.backfill.name}"
        return acting(
            domain=self.backfill.domain,
            organization=self.tenant.pk,
            actor=Actor(kind="system", name=name),
            reason=name,
            reading=reading,
        )

    def remaining(self, *, again: bool = False) -> int:
        """How many rows there are still to look at, ``again`` from the first. Raises what ``rows`` raises."""
        with self.unit():
            position = None if again else _positions(self.backfill).first()
            return int(self._after(position).count())

    def start_over(self) -> None:
        """Forget the position: the next chunk is the first one again."""
        with self.unit():
            _positions(self.backfill).update(position=None, looked_at=0, filled=0, finished_at=None)

    def run(self, on_progress: Callable[[int], None] = lambda _: None) -> Chunk:
        """Fill what remains; returns the sums of this run. ``on_progress`` gets how many rows were looked at."""
        looked_at = filled = 0
        while (chunk := self.fill_chunk()).looked_at:
            looked_at, filled = looked_at + chunk.looked_at, filled + chunk.filled
            on_progress(looked_at)
            time.sleep(self.pause)
        return Chunk(looked_at, filled)

    def fill_chunk(self) -> Chunk:
        """The next chunk, in one transaction; a deadlock is tried again."""
        return carry_out(self.unit, self._fill)

    def _fill(self) -> Chunk:
        position = self._lock_position()
        ids = list(self._after(position).order_by("pk").values_list("pk", flat=True)[: self.size])
        filled = self.backfill.fill(ids) if ids else 0
        if ids:
            position.position = ids[-1]
        position.looked_at += len(ids)
        position.filled += filled
        position.finished_at = None if ids else timezone.now()
        position.save(update_fields=["position", "looked_at", "filled", "finished_at"])
        return Chunk(len(ids), filled)

    def _after(self, position: BackfillPosition | None) -> Any:
        rows = self.backfill.rows()
        return rows.filter(pk__gt=position.position) if position and position.position else rows

    def _lock_position(self) -> BackfillPosition:
        """Whoever runs the same backfill beside us waits here, and goes on after our chunk."""
        mine = BackfillPosition(domain=self.backfill.domain, name=self.backfill.name)
        BackfillPosition.objects.bulk_create([mine], ignore_conflicts=True)
        return _positions(self.backfill).select_for_update().get()  # type: ignore[no-any-return]


def tenants_of(backfill: Backfill) -> list[Tenant]:
    """All tenants, the oldest first, as the database of the backfill's domain knows them; as the operator."""
    with operating(reason=f"backfill {backfill.name}", domain=backfill.domain):
        return list(Tenant.objects.order_by("created_at", "id"))


def _positions(backfill: Backfill) -> Any:
    return BackfillPosition.objects.filter(domain=backfill.domain, name=backfill.name)
