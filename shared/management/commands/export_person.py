from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from shared.management.exporting import ExportCommand
from shared.management.tenants import find_tenant
from shared.privacy.export import ExportedTable, export_person, find_person


class Command(ExportCommand):
    help = (
        "Write everything that a tenant holds of one customer, with its versions and log entries: export_person "
        "ada@example.com --tenant northwind --to DIR; export_person --verify DIR."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", nargs="?", help="e-mail or id of the customer")
        parser.add_argument("--tenant", metavar="SLUG", help="the tenant's short name")
        self.add_export_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self.verify(options["verify"])
            return
        if not options["person"] or not options["tenant"]:
            raise CommandError("Name customer and tenant: export_person E-MAIL --tenant northwind --to DIR.")
        self.write(options["to"], lambda: self._export(options["person"], options["tenant"], options["to"]))

    def _export(self, said: str, slug: str, folder: Path) -> list[ExportedTable]:
        tenant = find_tenant(slug, reason="export_person")
        person = find_person(tenant, said)
        return export_person(tenant, person, folder)
