"""Each tenant's own schema: made by the owner, granted to the domain that uses it, dropped without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import ProgrammingError

from crm.quickbooks.models import QuickbooksCustomer
from shared.domains.check import check_domains
from shared.session import acting, tenant_schema_name
from shared.tenancy.models import Tenant
from tests.conftest import connection_as
from tests.servers import ROOT


def provision(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "TRELLIS_PROCESS"}
    command = [sys.executable, "manage.py", "provision", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_tenants_schema_is_made_kept_apart_and_dropped(committed: Callable[[str], Tenant]) -> None:
    own, other = committed("Own"), committed("Other")
    for tenant in (own, other):
        done = provision("--tenant", tenant.slug)
        assert done.returncode == 0, done.stderr
        assert f"Made schema {tenant_schema_name(tenant.id)}" in done.stdout
    for tenant in (own, other):
        with acting(domain="crm", organization=tenant.id):
            QuickbooksCustomer.objects.create(external_id="1", display_name=f"Of {tenant.name}")
            assert [row.display_name for row in QuickbooksCustomer.objects.all()] == [f"Of {tenant.name}"]

    table = f"{tenant_schema_name(other.id)}.integration_quickbooks_customers"
    with connection_as("trellis_web", autocommit=False) as session:
        session.execute(
            "SELECT set_config('role', 'trellis_crm', true), set_config('app.organization_id', %s, true)",
            [str(own.id)],
        )
        found = session.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert found == (0,), "even by its full name, another tenant's table shows nothing"
        session.rollback()
        session.execute("SELECT set_config('role', 'trellis_support', true)")
        with pytest.raises(Exception, match="permission denied for schema"):
            session.execute(f"SELECT count(*) FROM {table}")
    with connection_as(None) as superuser:
        assert check_domains(superuser).differences == []
        superuser.execute(f"DROP SCHEMA {tenant_schema_name(own.id)} CASCADE")
        assert check_domains(superuser).differences == []
    with acting(domain="crm", organization=other.id):
        assert QuickbooksCustomer.objects.count() == 1
    with pytest.raises(ProgrammingError, match="does not exist"), acting(domain="crm", organization=own.id):
        list(QuickbooksCustomer.objects.all())


def test_an_unknown_tenant_is_named() -> None:
    done = provision("--tenant", "nobody")
    assert done.returncode == 1
    assert "There is no tenant 'nobody'" in done.stderr
