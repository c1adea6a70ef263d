"""A tenant reads the accounts of its people and writes none: they may work for other tenants too."""

from django.db import migrations

from shared.domains.access import TableAccess
from shared.domains.operations import SetTableAccess

PLATFORM = ("platform",)
IDENTITY = TableAccess(rows="identity", readers=PLATFORM, writers=PLATFORM)


class Migration(migrations.Migration):
    dependencies = [("platform_core", "0003_golden_record")]

    operations = [SetTableAccess("User", IDENTITY, IDENTITY)]
