from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shared.domains.registry import central_domain
from shared.errors import DomainError
from shared.session import Actor, acting
from shared.tenancy.copying import sync_where_split
from shared.tenancy.services import create_tenant


class Command(BaseCommand):
    help = "Create a tenant: create_tenant 'Northwind Outfitters' --slug northwind --hostname northwind.example.com"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--slug", default="", help="short name; made from the name when not given")
        parser.add_argument(
            "--hostname",
            action="append",
            default=[],
            help="an address of the tenant; the first is the primary one",
        )
        parser.add_argument("--plan", default="standard")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor(kind="system", name="create_tenant")
        try:
            with acting(
                domain=central_domain().name, organization=None, actor=actor, reason="manage.py create_tenant"
            ):
                tenant = create_tenant(
                    name=options["name"],
                    slug=options["slug"],
                    hostnames=options["hostname"],
                    plan=options["plan"],
                )
        except DomainError as error:
            raise CommandError(explain(error)) from error
        sync_where_split(self.stderr.write)
        self.stdout.write(f"{tenant.pk} {tenant.slug}")


def explain(error: DomainError) -> str:
    """An error of a service on one line."""
    errors = getattr(error, "errors", {})
    return "; ".join(" ".join(messages) for messages in errors.values()) or str(error)
