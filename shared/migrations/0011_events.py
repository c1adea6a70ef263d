"""The tables of events, and the functions through which domains write them."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

from shared.domains.access import TableAccess
from shared.domains.operations import CreateFunctions, SetTableAccess
from shared.records.partitions import CreatePartitionedModel

READ_ALONE = TableAccess(rows="tenant_and_readable", writers=())
PUBLISHED = TableAccess(rows="tenant_and_readable", writers=(), append_only=True)


class Migration(migrations.Migration):
    dependencies = [
        ("shared", "0010_api_key_uses"),
    ]

    operations = [
        migrations.CreateModel(
            name="AggregateVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "stream",
                        "counter",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField(editable=False)),
                ("stream", models.UUIDField(editable=False)),
                ("counter", models.CharField(editable=False, max_length=80)),
                ("domain", models.CharField(editable=False, max_length=32)),
                ("value", models.BigIntegerField(editable=False)),
            ],
            options={
                "verbose_name": "counter of a stream",
                "verbose_name_plural": "counters of streams",
                "db_table": 'shared"."aggregate_versions',
            },
        ),
        migrations.CreateModel(
            name="OutboxEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "position",
                        "subscriber",
                        "domain",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("position", models.BigIntegerField(editable=False)),
                ("subscriber", models.CharField(default="", editable=False, max_length=64)),
                ("domain", models.CharField(editable=False, max_length=32)),
                ("organization_id", models.UUIDField(editable=False)),
                ("at", models.DateTimeField(editable=False)),
            ],
            options={
                "verbose_name": "unsent event",
                "verbose_name_plural": "unsent events",
                "db_table": 'shared"."outbox_queue',
            },
        ),
        migrations.CreateModel(
            name="InboxEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "stream",
                        "subscriber",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField(editable=False)),
                ("stream", models.UUIDField(editable=False)),
                ("subscriber", models.CharField(editable=False, max_length=64)),
                ("number", models.BigIntegerField(editable=False)),
                ("domain", models.CharField(editable=False, max_length=32)),
                ("publisher", models.CharField(editable=False, max_length=32)),
                ("event_id", models.UUIDField(editable=False)),
                ("at", models.DateTimeField(editable=False)),
                ("name", models.CharField(editable=False, max_length=100)),
                ("schema_version", models.SmallIntegerField(editable=False)),
                ("aggregate_type", models.CharField(editable=False, max_length=64)),
                ("aggregate_id", models.UUIDField(editable=False)),
                ("aggregate_version", models.BigIntegerField(editable=False)),
                ("subject", models.UUIDField(editable=False, null=True)),
                ("data", models.JSONField(editable=False)),
                ("context", models.JSONField(editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ready", "Ready"),
                            ("waiting", "Waiting"),
                            ("retry", "Retry"),
                            ("dead", "Dead letter"),
                        ],
                        db_default="ready",
                        default="ready",
                        editable=False,
                        max_length=8,
                    ),
                ),
                ("attempts", models.SmallIntegerField(db_default=0, default=0, editable=False)),
                ("due_at", models.DateTimeField(editable=False, null=True)),
                ("error", models.TextField(db_default="", default="", editable=False)),
                (
                    "received_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "received event",
                "verbose_name_plural": "received events",
                "db_table": 'shared"."inbox_events',
                "ordering": ("received_at", "stream", "number"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "ready")),
                        fields=["subscriber", "received_at", "stream", "number"],
                        name="inbox_events_ready",
                    ),
                    models.Index(
                        condition=models.Q(("state", "retry")),
                        fields=["subscriber", "due_at"],
                        name="inbox_events_retry",
                    ),
                    models.Index(
                        condition=models.Q(("state", "dead")),
                        fields=["organization_id", "-received_at"],
                        name="inbox_events_dead",
                    ),
                    models.Index(
                        condition=models.Q(("subject__isnull", False)),
                        fields=["organization_id", "subject"],
                        name="inbox_events_subject",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxDelivery",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "stream",
                        "subscriber",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organization_id", models.UUIDField(editable=False)),
                ("stream", models.UUIDField(editable=False)),
                ("subscriber", models.CharField(editable=False, max_length=64)),
                ("number", models.BigIntegerField(editable=False)),
                ("domain", models.CharField(editable=False, max_length=32)),
                ("position", models.BigIntegerField(editable=False)),
                ("at", models.DateTimeField(editable=False)),
                ("attempts", models.IntegerField(db_default=0, default=0, editable=False)),
                (
                    "due_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                        editable=False,
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery under way",
                "verbose_name_plural": "deliveries under way",
                "db_table": 'shared"."outbox_deliveries',
                "indexes": [
                    models.Index(fields=["subscriber", "due_at", "position"], name="outbox_deliveries_due")
                ],
            },
        ),
        CreatePartitionedModel(
            name="OutboxEvent",
            by="at",
            access=PUBLISHED,
            fields=[
                ("position", models.BigIntegerField(editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(editable=False)),
                ("event_id", models.UUIDField(editable=False)),
                ("organization_id", models.UUIDField(editable=False)),
                ("domain", models.CharField(editable=False, max_length=32)),
                ("name", models.CharField(editable=False, max_length=100)),
                ("schema_version", models.SmallIntegerField(editable=False)),
                ("aggregate_type", models.CharField(editable=False, max_length=64)),
                ("aggregate_id", models.UUIDField(editable=False)),
                ("aggregate_version", models.BigIntegerField(editable=False)),
                ("stream", models.UUIDField(editable=False)),
                ("subject", models.UUIDField(editable=False, null=True)),
                ("data", models.JSONField(editable=False)),
                ("context", models.JSONField(editable=False)),
            ],
            options={
                "verbose_name": "published event",
                "verbose_name_plural": "published events",
                "db_table": 'shared"."outbox_events',
                "ordering": ("-at", "-position"),
                "indexes": [
                    models.Index(fields=["organization_id", "-at", "-position"], name="outbox_events_newest"),
                    models.Index(
                        fields=["organization_id", "aggregate_id", "-position"],
                        name="outbox_events_aggregate",
                    ),
                    models.Index(
                        condition=models.Q(("subject__isnull", False)),
                        fields=["organization_id", "subject"],
                        name="outbox_events_subject",
                    ),
                ],
            },
        ),
        *(
            SetTableAccess(name, READ_ALONE)
            for name in ("AggregateVersion", "OutboxEntry", "InboxEvent", "OutboxDelivery")
        ),
        migrations.RunSQL(
            "CREATE SEQUENCE shared.event_position; REVOKE ALL ON SEQUENCE shared.event_position FROM PUBLIC",
            "DROP SEQUENCE shared.event_position",
        ),
        CreateFunctions(
            "sql/events.sql",
            (
                "shared.event_actor()",
                "shared.publish_events(jsonb)",
                "shared.take_events(text, uuid[], bigint[])",
                "shared.fail_event(text, uuid, bigint, text, _due timestamp with time zone)",
                "shared.release_event(text, uuid, bigint)",
            ),
        ),
        CreateFunctions("sql/events_private.sql", ("shared.write_events(text, uuid, jsonb)",), private=True),
    ]
