from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from shared.domains.router import database_aliases, domains_in
from shared.management.tenants import find_tenant
from shared.privacy.retention import apply_all


class Command(BaseCommand):
    help = (
        "Hide or remove the records whose time is over by their tenant's rules, but for what a legal hold protects. The "
        "scheduler does it every night."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="of this tenant alone")
        parser.add_argument("--dry-run", action="store_true", help="count the records and change none")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, dry_run = options["tenant"], options["dry_run"]
        if slug:
            find_tenant(slug, reason="apply_retention")
        rules = 0
        try:
            for alias in database_aliases():
                living = [domain.name for domain in domains_in(alias)]
                for tenant, applied in apply_all(living, dry_run=dry_run, only=slug):
                    rules += 1
                    held = f", {applied.held:,} held" if applied.held else ""
                    would = " would be reached" if dry_run else " reached"
                    self.stdout.write(f"{tenant.slug}: {applied.rule}: {applied.reached:,}{would}{held}")
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(
                f"The database refused or cannot be reached ({reason}): correct that and run it again."
            ) from error
        if not rules:
            self.stdout.write("There is no rule: manage.py retention TENANT ENTITY --days N sets one.")
