from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from shared.domains.check import check_domains
from shared.domains.router import database_aliases, domains_in
from shared.session import looking_up


class Command(BaseCommand):
    help = (
        "Compare what is declared with the database server; name each difference and exit 1 if there is one."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        differences = 0
        for alias in database_aliases():
            living = domains_in(alias)
            with looking_up():
                report = check_domains(connections[alias], living)
            if len(database_aliases()) > 1:
                self.stdout.write(f"Database {connections[alias].settings_dict['NAME']}:")
            self._print_matrix(report.matrix, [domain.name for domain in living])
            for difference in report.differences:
                self.stdout.write(self.style.ERROR(f"✗ {difference}"))
            differences += len(report.differences)
        if differences:
            self.stdout.write(f"{differences} differences.")
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("✓ The server is as declared."))

    def _print_matrix(self, matrix: dict[str, dict[str, str]], names: list[str]) -> None:
        self.stdout.write("schema".ljust(16) + "".join(name.ljust(13) for name in names))
        for schema, cells in matrix.items():
            self.stdout.write(schema.ljust(16) + "".join(cells[name].ljust(13) for name in names))
