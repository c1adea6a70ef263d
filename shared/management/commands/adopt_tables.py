from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from shared.domains.adopting import AdoptionError
from shared.domains.adopting.mapping import read_map
from shared.domains.adopting.plan import Plan, make_plan
from shared.domains.adopting.swap import set_aside, swap
from shared.domains.patience import StillLockedError, patiently
from shared.domains.provision import ProvisionError, connect_if_there
from shared.domains.router import database_aliases, domains_in


class Command(BaseCommand):
    help = (
        "Move tables that lie in public into the domains' schemas, without copying rows. Prints the plan; --apply "
        "carries it out, as the administrator of BOOTSTRAP_DATABASE_URL."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--plan", action="store_true", help="print the plan and change nothing (the default)"
        )
        what.add_argument("--apply", action="store_true", help="carry the plan out, if nothing is in the way")
        parser.add_argument("--map", type=Path, metavar="FILE", help="lines old_table = schema.table, or = -")
        parser.add_argument(
            "--tenant", default="", metavar="SLUG", help="whose rows are those without a tenant"
        )
        parser.add_argument(
            "--drop-crossing-keys", action="store_true", help="drop foreign keys that no model declares"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            named = read_map(options["map"]) if options["map"] else {}
            with _administrator() as connection:
                self._adopt(connection, _alias_of(connection), named, options)
        except (AdoptionError, ProvisionError, StillLockedError) as error:
            raise CommandError(str(error)) from error

    def _adopt(
        self, connection: psycopg.Connection[Any], alias: str, named: dict[str, str], options: Any
    ) -> None:
        living = domains_in(alias)

        def planned() -> Plan:
            return make_plan(
                connection,
                living,
                named,
                drop_keys=options["drop_crossing_keys"],
                tenant_given=bool(options["tenant"]),
            )

        plan = planned()
        for line in plan.lines():
            self.stdout.write(line)
        if plan.obstacles:
            self.stdout.write("In the way:")
            for obstacle in plan.obstacles:
                self.stdout.write(self.style.ERROR(f"✗ {obstacle}"))
            self.stdout.write("Nothing was changed.")
            sys.exit(1)
        if not plan.moves:
            self.stdout.write("There is nothing to adopt.")
            return
        if not options["apply"]:
            self.stdout.write("Nothing was changed; --apply carries this out.")
            return
        if plan.set_aside:
            patiently(lambda: set_aside(connection, plan), what="Setting aside")
        call_command("migrate", database=alias, verbosity=0, stdout=self.stdout)
        plan = planned()
        if plan.obstacles:
            raise AdoptionError("\n".join(plan.obstacles))
        began = time.monotonic()
        patiently(lambda: swap(connection, plan, living, tenant=options["tenant"]), what="The tables")
        self.stdout.write(
            self.style.SUCCESS(f"✓ Tables adopted: {len(plan.moves)}, in {time.monotonic() - began:.1f} s.")
        )


def _administrator() -> psycopg.Connection[Any]:
    url = os.environ.get("BOOTSTRAP_DATABASE_URL")
    if not url:
        raise AdoptionError(
            "Set BOOTSTRAP_DATABASE_URL: the tables belong to others, so an administrator moves them."
        )
    connection = connect_if_there(url)
    if connection is None:
        raise AdoptionError("The database of BOOTSTRAP_DATABASE_URL does not exist: correct the URL.")
    return connection


def _alias_of(connection: psycopg.Connection[Any]) -> str:
    """The administrator's database as this installation knows it: where some of its domains live."""
    databases = {alias: connections[alias].settings_dict["NAME"] for alias in database_aliases()}
    for alias, name in databases.items():
        if name == connection.info.dbname:
            return alias
    raise AdoptionError(
        f"BOOTSTRAP_DATABASE_URL is the database {connection.info.dbname}, where no domain lives: "
        f"name one of {', '.join(sorted(databases.values()))}."
    )
