from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from platform_core.imports.mapping import ImportRefused, read_mapping
from platform_core.imports.reading import find_reader, inspect_file
from platform_core.imports.report import Report
from platform_core.imports.running import CustomerImport, Summary
from shared.management.progress import showing_progress
from shared.session import operating
from shared.tenancy.models import Tenant


class Command(BaseCommand):
    help = (
        "Load customers and what they did from a file: CDNOW's master file as it is, any CSV or JSON Lines with "
        "a mapping file (docs/how-to/import-customers.md). May be run again: what is there is not loaded twice."
    )
    requires_system_checks = ()  # they look at all URLs and pages of the back office, which no import uses

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", help="short name of the tenant; the oldest one if not given")
        parser.add_argument("--mapping", type=Path, help="which column means what (.json or .toml)")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done and change nothing"
        )
        parser.add_argument("--resume", action="store_true", help="go on where an interrupted import stopped")
        parser.add_argument("--batch-size", type=int, default=5000, help="rows per transaction (5000)")
        parser.add_argument("--errors", type=Path, help="report of bad rows (.jsonl or .csv)")
        parser.add_argument("--strict", action="store_true", help="exit with 1 where there are bad rows")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._import(**options)
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(
                f"The database refused or cannot be reached ({reason}): correct that and go on with --resume."
            ) from error
        except KeyboardInterrupt:
            raise CommandError("Interrupted: go on with --resume; committed batches stay.") from None

    def _import(self, *, file: Path, batch_size: int, dry_run: bool, strict: bool, **options: Any) -> None:
        if not 1 <= batch_size <= 100_000:
            raise ImportRefused("The batch size must be between 1 and 100000.")
        facts = inspect_file(file)
        mapping = read_mapping(options["mapping"], file) if options["mapping"] else None
        reader = find_reader(file, mapping)
        tenant = find_tenant(options["tenant"])
        errors = options["errors"] or Path(f"{file.stem}.errors.jsonl")
        self.stdout.write(f"{file.name} → {tenant.name} ({tenant.slug}), {facts.lines:,} lines")
        with (
            Report(errors) as report,
            showing_progress(self.stdout, "Loading", facts.lines, "line") as on_progress,
        ):
            job = CustomerImport(
                file,
                facts,
                reader,
                organization=tenant.id,
                report=report,
                batch_size=batch_size,
                dry_run=dry_run,
                resume=options["resume"],
                on_progress=on_progress,
            )
            summary = job.run()
        if job.unfinished_at and not options["resume"]:
            self.stdout.write(
                f"An earlier import had stopped at line {job.unfinished_at:,}; all was read again."
            )
        self._print(summary, dry_run, report)
        if strict and summary.bad_rows:
            raise CommandError(f"{summary.bad_rows:,} bad rows, and --strict allows none.")

    def _print(self, summary: Summary, dry_run: bool, report: Report) -> None:
        loaded = summary.loaded
        would = "would be " if dry_run else ""
        if summary.resumed_at:
            self.stdout.write(f"Resumed after line {summary.resumed_at:,}")
        self.stdout.write(
            f"Rows read       {summary.rows_read:>9,}  in {summary.seconds_loading:.1f} s, "
            f"{summary.rows_per_second:,.0f} rows/s"
        )
        self.stdout.write(f"Rows loaded     {loaded.rows:>9,}")
        self.stdout.write(f"Customers       {loaded.customers:>9,}  {would}created")
        self.stdout.write(
            f"Interactions    {loaded.interactions:>9,}  {would}recorded, "
            f"{loaded.known_interactions:,} were there already"
        )
        if not dry_run:
            self.stdout.write(
                f"Profiles        {summary.profiles:>9,}  changed in {summary.seconds_profiling:.1f} s"
            )
        self.stdout.write(
            f"Bad rows        {summary.bad_rows:>9,}" + (f"  see {report.path}" if summary.bad_rows else "")
        )


def find_tenant(slug: str | None) -> Tenant:
    """The tenant of this short name, or the oldest one; raises ImportRefused."""
    with operating(reason="find the tenant of an import"):
        tenants = list(Tenant.objects.order_by("created_at", "id"))
    if slug is None:
        if not tenants:
            raise ImportRefused("There is no tenant yet: create one first (manage.py seed_demo makes two).")
        return tenants[0]
    for tenant in tenants:
        if tenant.slug == slug:
            return tenant
    known = ", ".join(t.slug for t in tenants[:10]) or "none"
    raise ImportRefused(f"There is no tenant {slug!r}: use one of {known}.")
