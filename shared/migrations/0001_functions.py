"""Functions that the columns and triggers of every table use."""

from django.db import migrations

from shared.domains.operations import CreateFunctions


class Migration(migrations.Migration):
    initial = True

    operations = [CreateFunctions("sql/functions.sql", ("shared.uuid7()", "shared.touch_record()"))]
