"""Answers kept for callers who repeat a request; a key belongs to a domain."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import shared.records.identifiers
from shared.domains.access import TableAccess
from shared.domains.operations import SetTableAccess


class Migration(migrations.Migration):
    dependencies = [("shared", "0003_tenancy_access")]

    operations = [
        migrations.CreateModel(
            name="IdempotencyKey",
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
                ("caller", models.CharField(max_length=64)),
                ("key", models.CharField(max_length=255)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=500)),
                ("request_hash", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("headers", models.JSONField(default=dict)),
                ("body", models.TextField(default="")),
                ("final", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(default=django.utils.timezone.now)),
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
                "verbose_name": "idempotency key",
                "db_table": 'shared"."idempotency_keys',
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("organization"), models.F("expires_at"), name="idempotency_keys_expiry"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "domain", "caller", "key"), name="idempotency_keys_caller_key"
                    )
                ],
            },
        ),
        SetTableAccess("IdempotencyKey", TableAccess(rows="tenant_and_domain")),
    ]
