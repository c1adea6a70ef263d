from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from platform_core.choices import Role
from platform_core.services.membership import invite_member
from shared.domains.registry import central_domain
from shared.errors import DomainError
from shared.session import Actor, acting, operating
from shared.tenancy.copying import sync_where_split
from shared.tenancy.models import Tenant


class Command(BaseCommand):
    help = "Let a person administer a tenant; somebody new gets a password, which is printed this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="the tenant's short name")
        parser.add_argument("email")
        parser.add_argument("--name", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        with operating(reason="manage.py create_administrator: find the tenant"):
            tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']!r}: create_tenant makes one.")
        password = secrets.token_urlsafe(12)
        actor = Actor(kind="system", name="create_administrator")
        try:
            with acting(domain=central_domain().name, organization=tenant.pk, actor=actor):
                membership = invite_member(
                    email=options["email"], name=options["name"], password=password, role=Role.ADMIN
                )
                is_new = membership.user.check_password(password)
        except DomainError as error:
            lines = [message for messages in getattr(error, "errors", {}).values() for message in messages]
            raise CommandError(" ".join(lines) or str(error)) from error
        sync_where_split(self.stderr.write)
        self.stdout.write(f"{membership.user.email} administers {tenant.name}.")
        self.stdout.write(f"Password: {password}" if is_new else "They sign in with the password they have.")
