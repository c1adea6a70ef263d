from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shared.errors import DomainError
from shared.management.commands.create_tenant import explain
from shared.management.tenants import find_tenant
from shared.privacy.retention import ageing_entities, rules_of, set_rule
from shared.tenancy.copying import sync_where_split


class Command(BaseCommand):
    help = (
        "Show a tenant's rules of retention, or set one: retention northwind support.ticket --days 730 hides tickets two "
        "years after they were closed; --remove removes them for good, --forever ends the rule."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="the tenant's short name")
        parser.add_argument("entity", nargs="?", help="the kind of record: support.ticket …")
        how_long = parser.add_mutually_exclusive_group()
        how_long.add_argument("--days", type=int, help="for how many days they stay")
        how_long.add_argument("--forever", action="store_true", help="they stay; ends the rule")
        parser.add_argument("--remove", action="store_true", help="remove them then, instead of hiding them")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(options["tenant"], reason="retention")
        entity = options["entity"]
        if entity:
            if options["days"] is None and not options["forever"]:
                raise CommandError(f"Say how long: retention {tenant.slug} {entity} --days N, or --forever.")
            try:
                set_rule(
                    tenant=tenant,
                    entity=entity,
                    days=options["days"],
                    action="remove" if options["remove"] else "hide",
                )
            except DomainError as error:
                raise CommandError(explain(error)) from error
            sync_where_split(self.stderr.write)
            tenant = find_tenant(tenant.slug, reason="retention")
        rules = rules_of(tenant)
        for rule in rules:
            self.stdout.write(str(rule))
        kept = [entity for entity in ageing_entities() if entity not in {rule.entity for rule in rules}]
        self.stdout.write(f"For ever: {', '.join(kept)} and all else.")
