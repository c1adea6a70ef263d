"""Pages of the activity log tell which entries are sealed."""

from django.db import migrations

from shared.domains.operations import CreateFunctions


class Migration(migrations.Migration):
    dependencies = [("shared", "0007_legal_holds")]

    operations = [CreateFunctions("sql/sealed_until.sql", ("shared.sealed_until(text)",))]
