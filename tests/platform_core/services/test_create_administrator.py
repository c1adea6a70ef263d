"""manage.py create_administrator: the first person of an installation."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from platform_core.authentication import MembershipBackend
from platform_core.models import Membership
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant


def run(*arguments: str) -> str:
    output = io.StringIO()
    call_command("create_administrator", *arguments, stdout=output)
    return output.getvalue()


def test_a_new_person_administers_the_tenant_with_the_printed_password(
    worker_login: Callable[[str], Tenant],
) -> None:
    tenant, email = worker_login("First"), f"{uuid7().hex}@example.com"
    printed = run(tenant.slug, email, "--name", "Grace Hopper")
    password = printed.split("Password: ")[1].strip()
    user = MembershipBackend().authenticate(None, username=email, password=password)
    assert user is not None
    with acting(domain="platform", organization=tenant.id):
        assert Membership.objects.get(user_id=user.pk).role == "admin"
    with pytest.raises(CommandError, match="already works here"):
        run(tenant.slug, email)


def test_an_unknown_tenant_is_named(worker_login: Callable[[str], Tenant]) -> None:
    with pytest.raises(CommandError, match="There is no tenant 'nobody'"):
        run("nobody", "a@example.com")
