from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from shared.management.exporting import ExportCommand
from shared.management.tenants import find_tenant
from shared.privacy.export import export_tenant


class Command(ExportCommand):
    help = (
        "Write everything that is held of a tenant, a JSON Lines file per table and a manifest with checksums, as of one "
        "moment: export_tenant northwind --to DIR; export_tenant --verify DIR."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", nargs="?", help="the tenant's short name")
        self.add_export_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self.verify(options["verify"])
            return
        if not options["tenant"]:
            raise CommandError("Name the tenant: export_tenant northwind --to DIR.")
        folder = options["to"]
        self.write(
            folder, lambda: export_tenant(find_tenant(options["tenant"], reason="export_tenant"), folder)
        )
