"""What the two commands that export have in common."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from shared.privacy.export import ExportedTable, ExportRefusedError, verify_export


class ExportCommand(BaseCommand):
    """Writes an export into a folder, or verifies one."""

    requires_system_checks = ()

    def add_export_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--to", type=Path, metavar="DIR", help="an empty or a new folder")
        what.add_argument("--verify", type=Path, metavar="DIR", help="check an export instead of making one")

    def write(self, folder: Path, export: Callable[[], list[ExportedTable]]) -> None:
        """Make an export and say what is in it."""
        if settings.SERVE:
            raise CommandError(
                f"This process is limited to {', '.join(settings.SERVE)}, and an export is of all domains: run the "
                "command without SERVE."
            )
        try:
            tables = export()
        except ExportRefusedError as error:
            raise CommandError(str(error)) from error
        except (psycopg.Error, DatabaseError, OSError) as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(
                f"The export was cut off ({reason}): correct that, empty {folder} and export again."
            ) from error
        for table in tables:
            if table.rows:
                self.stdout.write(f"{table.rows:>9,}  {table.table}")
        rows = sum(table.rows for table in tables)
        self.stdout.write(self.style.SUCCESS(f"✓ {rows:,} rows of {len(tables)} tables in {folder}."))

    def verify(self, folder: Path) -> None:
        """Check an export against its manifest."""
        try:
            rows = verify_export(folder)
        except ExportRefusedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self.style.SUCCESS(f"✓ {folder} is as it was exported: {rows:,} rows."))
