"""Versions of a segment are written once."""

from django.db import migrations

from shared.domains.access import TableAccess
from shared.domains.operations import SetTableAccess


class Migration(migrations.Migration):
    dependencies = [("marketing", "0001_initial")]

    operations = [SetTableAccess("SegmentVersion", TableAccess(append_only=True))]
