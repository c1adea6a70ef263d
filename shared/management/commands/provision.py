from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shared.domains.patience import StillLockedError
from shared.domains.router import database_aliases
from shared.records.partitions import MONTHS_AHEAD
from shared.tenancy.models import Tenant
from shared.tenancy.provisioning import provision


class Command(BaseCommand):
    help = (
        "Make what only the owner may: partitions of the coming months, schemas of new tenants. "
        "Run it after migrate, after a tenant was created, and once a month at least."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--months", type=int, default=MONTHS_AHEAD, help="months to make ahead (3)")
        parser.add_argument(
            "--tenant", metavar="SLUG", help="this tenant's schema alone; made again if dropped"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["months"] <= 120:
            raise CommandError("Give --months a number between 1 and 120.")
        if not settings.DATABASES["default"].get("MIGRATIONS"):
            raise CommandError("Provisioning acts as the owner: set MIGRATION_DATABASE_URL.")
        made: list[str] = []

        def say(line: str) -> None:
            made.append(line)
            self.stdout.write(line)

        slug = options["tenant"]
        if slug and not any(Tenant.objects.using(a).filter(slug=slug).exists() for a in database_aliases()):
            raise CommandError(f"There is no tenant {slug!r}: see the list of tenants in the back office.")
        today = timezone.now().date()
        try:
            for alias in database_aliases():
                provision(today=today, months_ahead=options["months"], only=slug, alias=alias, say=say)
        except StillLockedError as error:
            raise CommandError(str(error)) from error
        if not made:
            self.stdout.write("Nothing was missing.")
