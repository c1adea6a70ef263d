"""Which events of a tenant are given to a subscriber by interest."""

from django.db import migrations, models

from shared.domains.access import TableAccess
from shared.domains.operations import SetTableAccess


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0011_events"),
    ]

    operations = [
        migrations.CreateModel(
            name="EventInterest",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "subscriber",
                        "name",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField(editable=False)),
                ("subscriber", models.CharField(editable=False, max_length=64)),
                ("name", models.CharField(editable=False, max_length=100)),
            ],
            options={
                "verbose_name": "interest in events",
                "verbose_name_plural": "interests in events",
                "db_table": 'shared"."event_interests',
            },
        ),
        SetTableAccess("EventInterest", TableAccess(writers=("platform",))),
    ]
