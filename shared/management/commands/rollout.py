from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from shared.domains.patience import StillLockedError
from shared.tenancy.copying import other_databases
from shared.tenancy.rollout import waves
from shared.tenancy.rollout.choices import StepState, WaveState
from shared.tenancy.rollout.choosing import Choice
from shared.tenancy.rollout.subjects import FeatureSubject, RolloutRefusedError, get_subject, subjects

ACTS = ("status", "pause", "resume", "abandon")


class Command(BaseCommand):
    help = (
        "Bring a change to tenants one after the other, the migrations of their own schemas or a feature: rollout "
        "quickbooks --tenant acme, --percent 10, --all; then rollout status, pause, resume or abandon."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "what", help=f"an app of the tenants' own schemas, a feature, or {', '.join(ACTS)}"
        )
        who = parser.add_mutually_exclusive_group()
        who.add_argument(
            "--tenant", action="append", default=[], metavar="SLUG", help="this one; may be repeated"
        )
        who.add_argument(
            "--percent", type=float, metavar="N", help="these, always the same ones for the same subject"
        )
        who.add_argument("--all", action="store_true", help="every tenant")
        parser.add_argument(
            "--to", metavar="TARGET", help="a migration (the newest), or on or off for a feature (on)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not connections["default"].settings_dict.get("MIGRATIONS"):
            raise CommandError(
                "Rolling out acts as the owner: set MIGRATION_DATABASE_URL, and leave TRELLIS_PROCESS alone."
            )
        what = options["what"]
        try:
            if what in ACTS:
                self._refuse_more(what, options)
                getattr(self, f"_{what}")()
            else:
                self._begin(what, options)
        except (RolloutRefusedError, waves.RolloutFailedError, StillLockedError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted: rollout resume goes on.") from None

    def _begin(self, name: str, options: dict[str, Any]) -> None:
        subject = get_subject(name)
        percent = options["percent"]
        if percent is not None and not 0 < percent <= 100:
            raise RolloutRefusedError("Give --percent a number above 0, and 100 at most.")
        if not (options["tenant"] or percent or options["all"]):
            raise RolloutRefusedError(f"Say to whom: rollout {name} --tenant SLUG, --percent N or --all.")
        target = subject.target(options["to"]) if options["to"] is not None else subject.newest
        choice = Choice(tuple(options["tenant"]), 100 if percent is None else percent)
        waves.begin(subject, target, choice, say=self.stdout.write)
        if isinstance(subject, FeatureSubject) and other_databases():
            self.stdout.write(
                "The domains' own databases follow within a minute, or with manage.py sync_tenancy."
            )

    def _resume(self) -> None:
        resumed = [waves.resume(alias, say=self.stdout.write) for alias in _aliases()]
        if True not in resumed:
            raise RolloutRefusedError(
                "There is no wave to resume: rollout status shows how far each change is."
            )

    def _pause(self) -> None:
        self._tell(waves.pause, "Pauses after the tenant that it is at", "There is no wave running.")

    def _abandon(self) -> None:
        self._tell(waves.abandon, "Abandoned; who has the change keeps it", "There is no wave to abandon.")

    def _tell(self, act: Any, done: str, nothing: str) -> None:
        found = [wave for alias in _aliases() if (wave := act(alias)) is not None]
        if not found:
            raise RolloutRefusedError(nothing)
        for wave in found:
            self.stdout.write(f"{done}: {wave}.")

    def _status(self) -> None:
        for subject in subjects():
            standing = subject.standing()
            counts = Counter(standing.values())
            told = ", ".join(f"{count} at {place}" for place, count in sorted(counts.items()))
            self.stdout.write(f"{subject.name}: {told or 'no tenant has it'}")
        for alias in _aliases():
            wave = waves.find_unfinished(alias)
            if wave is None:
                continue
            steps = waves.steps_of(wave)
            done, total = steps.filter(state=StepState.DONE).count(), steps.count()
            state = wave.get_state_display().lower()
            if wave.state == WaveState.RUNNING and not waves.is_at_work(alias):
                state = "interrupted, rollout resume goes on"
            self.stdout.write(f"Wave {wave}: {state}; {done} of {total} done")
            for step in steps.filter(state=StepState.FAILED):
                self.stdout.write(self.style.ERROR(f"  ✗ {step.organization.slug}: {step.failure}"))

    def _refuse_more(self, what: str, options: dict[str, Any]) -> None:
        if options["tenant"] or options["percent"] or options["all"] or options["to"]:
            raise RolloutRefusedError(f"rollout {what} is for the wave as it is: leave the options out.")


def _aliases() -> list[str]:
    """The databases in which this process rolls something out."""
    return list(dict.fromkeys(subject.alias for subject in subjects()))
