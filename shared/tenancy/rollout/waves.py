"""Waves: who gets a change, one tenant after the other, and where that stopped.

Whoever comes first in a database holds its lock, so there is one wave at a time. What a killed process had begun is
found again: the steps say who is done, and bringing a tenant to a target twice does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from shared.tenancy.models import Tenant
from shared.tenancy.rollout.choices import UNFINISHED, StepState, WaveState
from shared.tenancy.rollout.choosing import Choice
from shared.tenancy.rollout.models import RolloutStep, RolloutWave
from shared.tenancy.rollout.subjects import RolloutRefusedError, Subject, get_subject

_LOCK = 0x726F_6C6C  # any constant below 2^31: one process at a time rolls out in a database
_IS_LOCKED = """
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND objsubid = 1
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"""

Say = Callable[[str], Any]


class RolloutFailedError(RuntimeError):
    """A tenant could not be brought to the wave's target; the message names it and says why."""


def begin(subject: Subject, target: str, choice: Choice, *, say: Say) -> None:
    """Begin a wave and go through it; tenants who are at the target already are left out.

    Raises RolloutRefusedError while another wave is not finished, RolloutFailedError where a tenant fails.
    """
    with _alone(subject.alias):
        if (other := find_unfinished(subject.alias)) is not None:
            raise RolloutRefusedError(
                f"The wave {other} is not finished: rollout resume goes on with it, rollout abandon ends it."
            )
        standing = subject.standing()
        waiting = [t for t in choice.of(subject.name, standing) if standing[t] != target]
        if not waiting:
            say(f"{subject.name}: none of the chosen tenants lacks {target}.")
            return
        with transaction.atomic(using=subject.alias):
            wave = RolloutWave(subject=subject.name, target=target, chosen=str(choice))
            wave.save(using=subject.alias)
            RolloutStep.objects.using(subject.alias).bulk_create(
                RolloutStep(organization=tenant, wave=wave, created_by_app="operator") for tenant in waiting
            )
        _run(wave, subject, say)


def resume(alias: str, *, say: Say) -> bool:
    """Go on with the wave that was paused, killed or stopped by a failure; False when there is none.

    Raises RolloutRefusedError while a process is at it, RolloutFailedError where a tenant fails (again).
    """
    with _alone(alias):
        wave = find_unfinished(alias)
        if wave is None:
            return False
        subject = get_subject(wave.subject)
        _set(wave, WaveState.RUNNING)
        _run(wave, subject, say)
    return True


def pause(alias: str) -> RolloutWave | None:
    """Let the wave stop after the tenant that it is at; returns it, None when none is running."""
    running = RolloutWave.objects.using(alias).filter(state=WaveState.RUNNING)
    wave = running.first()
    return wave if running.update(state=WaveState.PAUSED) else None


def abandon(alias: str) -> RolloutWave | None:
    """End an unfinished wave as it is: who has the change keeps it. Returns it, None when there is none.

    Raises RolloutRefusedError while a process is at it.
    """
    with _alone(alias):
        wave = find_unfinished(alias)
        if wave is not None:
            _set(wave, WaveState.ABANDONED)
    return wave


def find_unfinished(alias: str) -> RolloutWave | None:
    """The wave of a database that has not come to its end, or None; there is at most one."""
    return RolloutWave.objects.using(alias).filter(state__in=UNFINISHED).first()


def steps_of(wave: RolloutWave) -> Any:
    """The tenants of a wave, in its order."""
    steps = RolloutStep.objects.using(wave._state.db).filter(wave=wave)
    return steps.select_related("organization").order_by("organization__created_at", "organization__id")


def is_at_work(alias: str) -> bool:
    """Whether a process is going through a wave of this database in this moment."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_IS_LOCKED, [_LOCK])
        (locked,) = cursor.fetchone()
    return bool(locked)


def _run(wave: RolloutWave, subject: Subject, say: Say) -> None:
    total = steps_of(wave).count()
    waiting = list(steps_of(wave).exclude(state=StepState.DONE))
    for number, step in enumerate(waiting, total - len(waiting) + 1):
        wave.refresh_from_db(using=wave._state.db, fields=["state"])
        if wave.state == WaveState.PAUSED:
            say(f"Paused, {number - 1} of {total} are done: rollout resume goes on.")
            return
        tenant: Tenant = step.organization
        try:
            subject.bring(tenant, wave.target)
        except Exception as error:  # whatever a migration raises: the wave stops there and says so
            reason = " ".join(str(error).split()).rstrip(".") or type(error).__name__
            _end(step, StepState.FAILED, reason)
            _set(wave, WaveState.FAILED)
            raise RolloutFailedError(
                f"{tenant.name} ({tenant.slug}) could not be brought to {wave.target}: {reason}. The wave stopped there; "
                f"{number - 1} of {total} are done, the others are as they were. Mend it, then rollout resume; or "
                "rollout abandon."
            ) from error
        _end(step, StepState.DONE)
        say(f"[{number}/{total}] {tenant.slug}: {wave.subject} {wave.target}")
    _set(wave, WaveState.DONE)


def _end(step: RolloutStep, state: StepState, failure: str = "") -> None:
    step.state, step.failure, step.ended_at = state, failure, timezone.now()
    step.save(using=step._state.db, update_fields=["state", "failure", "ended_at"])


def _set(wave: RolloutWave, state: WaveState) -> None:
    wave.state = state
    wave.ended_at = None if state in UNFINISHED else timezone.now()
    wave.save(using=wave._state.db, update_fields=["state", "ended_at"])


@contextmanager
def _alone(alias: str) -> Iterator[None]:
    """Hold the database's lock for rollouts; raises RolloutRefusedError where another process has it. It ends with the
    connection, so a killed process leaves none."""
    connection: Any = connections[alias]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (got,) = cursor.fetchone()
    if not got:
        raise RolloutRefusedError(
            "Another process is rolling out in this moment: wait for it, or rollout pause."
        )
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
