"""Who works for a tenant no more is told so when signing in."""

from django.db import migrations

from shared.domains.operations import CreateFunctions


class Migration(migrations.Migration):
    dependencies = [("platform_core", "0004_accounts_are_no_tenants")]

    operations = [
        CreateFunctions("sql/ended_memberships.sql", ("platform.find_ended_memberships(text)",), lookup=True)
    ]
