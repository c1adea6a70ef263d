"""What must not be removed."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import shared.records.identifiers
from django.db import migrations, models

from shared.domains.access import TableAccess
from shared.domains.operations import SetTableAccess


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0006_rollouts_and_backfills"),
    ]

    operations = [
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=shared.records.identifiers.UUID7(),
                        default=shared.records.identifiers.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
                (
                    "created_by_app",
                    models.CharField(db_default="", default="", editable=False, max_length=32),
                ),
                ("entity", models.CharField(max_length=64)),
                ("record_id", models.UUIDField()),
                ("reason", models.CharField(max_length=500)),
                ("released_at", models.DateTimeField(null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="shared.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "legal hold",
                "db_table": 'shared"."legal_holds',
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("released_at__isnull", True)),
                        fields=("organization", "entity", "record_id"),
                        name="legal_holds_record_key",
                    )
                ],
            },
        ),
        SetTableAccess("LegalHold", TableAccess(writers=())),
    ]
