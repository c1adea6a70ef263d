from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError

from shared.domains.moving.places import MoveError
from shared.errors import DomainError
from shared.management.tenants import find_tenant
from shared.privacy.erasure import erase_person
from shared.privacy.export import ExportRefusedError, find_person


class Command(BaseCommand):
    help = (
        "Erase what a tenant holds of one customer: texts leave live rows, versions and activity log of every app; that "
        "there were records, when and by whom, stays. erase_person ada@example.com --tenant northwind --reason '…'; "
        "without --yes it only counts. It cannot be undone: export_person first where the evidence is needed."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", help="e-mail or id of the customer")
        parser.add_argument("--tenant", required=True, metavar="SLUG", help="the tenant's short name")
        parser.add_argument("--reason", required=True, help="why, for the activity log; no personal data")
        parser.add_argument("--yes", action="store_true", help="do it")

    def handle(self, *args: Any, **options: Any) -> None:
        seed = os.environ.get("LOGIN_PASSWORD_SEED", "")
        if not seed:
            raise CommandError("Erasing acts as the owner: set LOGIN_PASSWORD_SEED.")
        tenant = find_tenant(options["tenant"], reason="erase_person")
        try:
            person = find_person(tenant, options["person"])
            done = erase_person(person, seed=seed, reason=options["reason"], only_look=not options["yes"])
        except (ExportRefusedError, MoveError, DomainError) as error:
            raise CommandError(str(error)) from error
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise CommandError(
                f"The database refused ({reason}): run the command again, it goes on."
            ) from error
        if not done.rows:
            self.stdout.write("Nothing is held of this person.")
            return
        for table, rows in done.rows.items():
            self.stdout.write(f"{table}: {rows}")
        if options["yes"]:
            self.stdout.write(
                f"Erased, with {done.versions} versions and {done.entries} entries of the activity log."
            )
        else:
            self.stdout.write("Nothing was changed: add --yes to erase this.")
