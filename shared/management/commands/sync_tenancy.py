from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from shared.domains.registry import central_domain, serves
from shared.tenancy.copying import TenancySyncError, other_databases, sync_tenancy


class Command(BaseCommand):
    help = (
        "Copy tenants, hostnames, API keys and people's profiles from the platform's database to those of the domains "
        "that have one of their own; a second run changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        central = central_domain().name
        if not serves(central):
            raise CommandError(
                f"This process is limited to {', '.join(settings.SERVE)} and cannot read the {central}'s database: "
                "run the command without SERVE."
            )
        if not other_databases():
            self.stdout.write("Every domain lies in the platform's database: there is nothing to copy.")
            return
        try:
            changed = sync_tenancy()
        except TenancySyncError as error:
            raise CommandError(str(error)) from error
        for home, rows in changed.items():
            self.stdout.write(f"{home}: {rows} rows changed." if rows else f"{home}: in step.")
