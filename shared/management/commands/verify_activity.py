from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shared.domains.registry import UnknownDomainError, get_domain
from shared.domains.router import database_aliases, domains_in
from shared.records.activity.verifying import Findings, verify_activity
from shared.session import operating


class Command(BaseCommand):
    help = (
        "Prove that the activity log is as it was sealed, in every database. Exits 1 and names, for each domain, the "
        "first entry that was altered, removed or slipped in."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain", nargs="?", help="only this domain: platform, support …")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            only = get_domain(options["domain"]) if options["domain"] else None
        except UnknownDomainError as error:
            raise CommandError(str(error)) from error
        wrong = 0
        for alias in database_aliases():
            living = [domain.name for domain in domains_in(alias)]
            if only and only.name not in living:
                continue
            with operating(reason="verify_activity", domain=living[0]):
                wrong += self._tell(verify_activity([only.name] if only else living))
        if wrong:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("✓ The activity log is as it was sealed."))

    def _tell(self, found: Findings) -> int:
        self.stdout.write(f"{found.entries} entries in {found.seals} seals; {found.unsealed} not sealed yet.")
        for note in found.notes:
            self.stdout.write(self.style.WARNING(f"  ! {note}"))
        for fault in found.faults:
            self.stdout.write(self.style.ERROR(f"  ✗ {fault}"))
        return len(found.faults)
