from __future__ import annotations

import uuid
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shared.errors import DomainError
from shared.management.commands.create_tenant import explain
from shared.management.tenants import find_tenant
from shared.privacy.holds import holds_of, place_hold, release_hold
from shared.privacy.models import CUSTOMER


class Command(BaseCommand):
    help = (
        "Keep a customer, or one record, whatever the rules of retention say: legal_hold northwind customer ID --reason "
        "'Case 4711'; --release ends it; without an entity it lists the holds."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="the tenant's short name")
        parser.add_argument("entity", nargs="?", help=f"{CUSTOMER}, or a kind of record: support.ticket …")
        parser.add_argument("id", nargs="?", help="identifier of the customer or the record")
        parser.add_argument("--reason", default="", help="why, for whoever reads it later")
        parser.add_argument("--release", action="store_true", help="end the hold")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = find_tenant(options["tenant"], reason="legal_hold")
        if options["entity"] is None:
            for hold in holds_of(tenant):
                self.stdout.write(f"{hold.created_at:%Y-%m-%d} {hold}")
            return
        try:
            record = uuid.UUID(options["id"] or "")
        except ValueError:
            raise CommandError("Give the identifier of what is held: legal_hold TENANT ENTITY ID.") from None
        try:
            if options["release"]:
                release_hold(tenant=tenant, entity=options["entity"], record_id=record)
            else:
                place_hold(
                    tenant=tenant, entity=options["entity"], record_id=record, reason=options["reason"]
                )
        except DomainError as error:
            raise CommandError(explain(error)) from error
        self.stdout.write("Released." if options["release"] else "Held.")
