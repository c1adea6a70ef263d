from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from shared.domains.registry import central_domain
from shared.errors import DomainError
from shared.management.commands.create_tenant import explain
from shared.session import Actor, acting, operating
from shared.tenancy.copying import sync_where_split
from shared.tenancy.models import Tenant
from shared.tenancy.scopes import scope_choices
from shared.tenancy.services import issue_api_key

MOST_DAYS = 36_500
MOST_CALLS = 1_000_000


class Command(BaseCommand):
    help = "Make an API key and print it, this once: create_api_key northwind 'helpdesk sync' --scope support:read"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="the tenant's short name")
        parser.add_argument("name", help="the service that will use the key")
        parser.add_argument(
            "--scope", action="append", default=[], help=f"one of {', '.join(s for s, _ in scope_choices())}"
        )
        parser.add_argument("--rate-limit", type=int, default=600, help="calls per minute")
        parser.add_argument("--days", type=int, help="days until it expires; never when not given")

    def handle(self, *args: Any, **options: Any) -> None:
        with operating(reason="manage.py create_api_key: find the tenant"):
            tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}: create_tenant makes one.")
        days = options["days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(f"Give --days a number between 1 and {MOST_DAYS}.")
        if not 1 <= options["rate_limit"] <= MOST_CALLS:
            raise CommandError(f"Give --rate-limit a number between 1 and {MOST_CALLS:,} calls per minute.")
        actor = Actor(kind="system", name="create_api_key")
        try:
            with acting(domain=central_domain().name, organization=tenant.pk, actor=actor):
                _, raw = issue_api_key(
                    name=options["name"],
                    scopes=options["scope"],
                    rate_limit=options["rate_limit"],
                    expires_at=None if days is None else timezone.now() + dt.timedelta(days=days),
                )
        except DomainError as error:
            raise CommandError(explain(error)) from error
        sync_where_split(self.stderr.write)
        self.stdout.write(raw)
