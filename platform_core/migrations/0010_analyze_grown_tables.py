"""An import has the tables that it filled analysed."""

from django.db import migrations

from shared.domains.operations import CreateFunctions


class Migration(migrations.Migration):
    dependencies = [("platform_core", "0009_custom_field_defaults")]

    operations = [CreateFunctions("sql/analyze_grown_tables.sql", ("platform.analyze_grown_tables()",))]
