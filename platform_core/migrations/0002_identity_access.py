"""People, memberships and sessions are the platform's alone; the look-up of a session."""

from django.db import migrations

from shared.domains.access import TableAccess
from shared.domains.operations import CreateFunctions, OpenToAllDomains, SetTableAccess

PLATFORM = ("platform",)
UNPROTECTED = TableAccess(rows="global")  # as created: these have no organization_id for the rule to use


class Migration(migrations.Migration):
    dependencies = [
        ("platform_core", "0001_identity"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        SetTableAccess("Membership", TableAccess(readers=PLATFORM, writers=PLATFORM)),
        SetTableAccess("User", TableAccess(rows="identity", readers=PLATFORM, writers=PLATFORM), UNPROTECTED),
        SetTableAccess(
            "Session", TableAccess(rows="global", readers=PLATFORM, writers=PLATFORM), UNPROTECTED
        ),
        CreateFunctions("sql/lookups.sql", ("platform.find_session(text)",), lookup=True),
        OpenToAllDomains("django_content_type"),
    ]
