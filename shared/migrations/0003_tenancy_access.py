"""Who may read and write tenants, hostnames, keys and profiles; the look-ups before a tenant is known."""

from django.db import migrations

from shared.domains.access import TableAccess
from shared.domains.operations import CreateFunctions, SetTableAccess

PLATFORM = ("platform",)
UNPROTECTED = TableAccess(rows="global")  # as created: these have no organization_id for the rule to use


class Migration(migrations.Migration):
    dependencies = [("shared", "0002_tenancy")]

    operations = [
        SetTableAccess("Tenant", TableAccess(tenant_column="id", writers=PLATFORM), UNPROTECTED),
        SetTableAccess("TenantDomain", TableAccess(tenant_column="tenant_id", writers=PLATFORM), UNPROTECTED),
        SetTableAccess("ApiKey", TableAccess(readers=PLATFORM, writers=PLATFORM)),
        SetTableAccess("UserProfile", TableAccess(writers=PLATFORM)),
        CreateFunctions(
            "sql/lookups.sql",
            ("shared.find_tenant_by_hostname(text)", "shared.find_identity_by_key(bytea)"),
            lookup=True,
        ),
    ]
