from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from shared.domains.registry import UnknownDomainError, find_domain_of_app, get_domain, split_table
from shared.domains.router import database_aliases, domains_in, lives_in
from shared.records.versions.upkeep import read_memory, remembering_models
from shared.records.versions.verify import verify_table
from shared.session import operating


class Command(BaseCommand):
    help = (
        "Prove that versions have no gap and no overlap, and that every record is what its newest version says, in "
        "every database. Exits 1 and names the records where it is not so."
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
            for model in remembering_models():
                owner = find_domain_of_app(model._meta.app_label)
                if (only and owner != only) or not lives_in(alias, model._meta.app_label):
                    continue
                home = domains_in(alias)[0].name
                with operating(reason="verify_history", domain=home), connections[alias].cursor() as cursor:
                    wrong += self._verify(cursor, model)
        if wrong:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("✓ Every record is what its versions say."))

    def _verify(self, cursor: Any, model: Any) -> int:
        wrong = 0
        schema, table = split_table(model._meta.db_table)
        for place in [schema] if schema else _tenant_schemas(cursor):
            memory = read_memory(cursor, place, table, model)
            if memory is None:
                continue
            count, faults = verify_table(cursor, memory)
            self.stdout.write(f"{place}.{table}: {count} versions")
            for fault in faults:
                self.stdout.write(self.style.ERROR(f"  ✗ {fault.record}: {fault.what}"))
            wrong += len(faults)
        return wrong


def _tenant_schemas(cursor: Any) -> list[str]:
    cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^tenant_[0-9a-f]{32}$' ORDER BY 1")
    return [name for (name,) in cursor.fetchall()]
