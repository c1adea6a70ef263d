"""Waves of rollouts with the tenants that they go to, and how far backfills are."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import shared.records.identifiers
from django.db import migrations, models

from shared.domains.access import TableAccess
from shared.domains.operations import SetTableAccess


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0005_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="RolloutWave",
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
                ("subject", models.CharField(max_length=64)),
                ("target", models.CharField(max_length=255)),
                ("chosen", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("failed", "Stopped by a failure"),
                            ("done", "Done"),
                            ("abandoned", "Abandoned"),
                        ],
                        default="running",
                        max_length=16,
                    ),
                ),
                ("begun_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": 'shared"."rollout_waves',
                "ordering": ("begun_at", "id"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["running", "paused", "failed", "done", "abandoned"])
                        ),
                        name="rollout_waves_state_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BackfillPosition",
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
                ("domain", models.CharField(max_length=32)),
                ("name", models.CharField(max_length=64)),
                ("position", models.UUIDField(null=True)),
                ("looked_at", models.BigIntegerField(default=0)),
                ("filled", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
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
                "db_table": 'shared"."backfill_positions',
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "domain", "name"), name="backfill_positions_name_key"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RolloutStep",
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
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("done", "Done"), ("failed", "Failed")],
                        default="waiting",
                        max_length=16,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("failure", models.TextField(default="")),
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
                (
                    "wave",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="shared.rolloutwave",
                    ),
                ),
            ],
            options={
                "db_table": 'shared"."rollout_steps',
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "wave"), name="rollout_steps_wave_key"),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "done", "failed"])),
                        name="rollout_steps_state_check",
                    ),
                ],
            },
        ),
        SetTableAccess(
            "RolloutWave",
            TableAccess(rows="global", readers=(), writers=(), reason="a wave goes through many tenants"),
            TableAccess(rows="global"),
        ),
        SetTableAccess("RolloutStep", TableAccess(readers=(), writers=())),
        SetTableAccess("BackfillPosition", TableAccess(rows="tenant_and_domain")),
    ]
