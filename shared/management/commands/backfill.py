from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from shared.errors import DomainError
from shared.jobs.backfills.registry import Backfill, backfills, find_backfill
from shared.jobs.backfills.running import BackfillRun, tenants_of
from shared.management.progress import showing_progress
from shared.tenancy.models import Tenant

MOST_ROWS = 100_000
LONGEST_PAUSE = 3600


class Command(BaseCommand):
    help = (
        "Fill old rows, chunk by chunk, while everybody works; without a name it lists what there is. One that was cut "
        "off goes on when the same command is run again."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", help="the backfill")
        parser.add_argument("--tenant", metavar="SLUG", help="of this tenant alone")
        parser.add_argument("--chunk", type=int, default=1000, help="rows per transaction (1000)")
        parser.add_argument("--pause", type=float, default=0.1, help="seconds between two chunks (0.1)")
        parser.add_argument("--dry-run", action="store_true", help="count the rows and change none")
        parser.add_argument(
            "--again", action="store_true", help="from the first row, not from where it stopped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["name"] is None:
            for declared in backfills():
                self.stdout.write(f"{declared.name}: {declared.description}")
            return
        backfill = find_backfill(options["name"])
        if backfill is None:
            known = ", ".join(b.name for b in backfills()) or "none"
            raise CommandError(f"There is no backfill {options['name']!r}: choose among {known}.")
        if not 1 <= options["chunk"] <= MOST_ROWS:
            raise CommandError(f"Give --chunk a number between 1 and {MOST_ROWS:,}.")
        if not 0 <= options["pause"] <= LONGEST_PAUSE:
            raise CommandError(f"Give --pause a number of seconds between 0 and {LONGEST_PAUSE:,}.")
        try:
            for tenant in self._tenants(backfill, options["tenant"]):
                run = BackfillRun(backfill, tenant, options["chunk"], options["pause"])
                self._run(run, dry_run=options["dry_run"], again=options["again"])
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(
                f"The database refused or cannot be reached ({reason}): correct that and run it again, it goes on from "
                "there."
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted: run it again, it goes on from there.") from None

    def _run(self, run: BackfillRun, *, dry_run: bool, again: bool) -> None:
        slug = run.tenant.slug
        try:
            if again and not dry_run:
                run.start_over()
            remaining = run.remaining(again=again)
        except DomainError as error:
            self.stdout.write(f"{slug}: left out. {error}")
            return
        if dry_run:
            self.stdout.write(f"{slug}: {remaining:,} rows to look at.")
            return
        with showing_progress(self.stdout, slug, remaining, "row") as on_progress:
            done = run.run(on_progress)
        self.stdout.write(f"{slug}: {done.looked_at:,} rows looked at, {done.filled:,} filled.")

    def _tenants(self, backfill: Backfill, slug: str | None) -> list[Tenant]:
        tenants = tenants_of(backfill)
        if slug is None:
            return tenants
        found = [tenant for tenant in tenants if tenant.slug == slug]
        if not found:
            raise CommandError(f"There is no tenant {slug!r}: see the list of tenants in the back office.")
        return found
