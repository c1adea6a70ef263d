"""What of its records the domain tells the others, whatever writes."""

from django.db import migrations

from shared.events.telling import TellRecords, Tells


class Migration(migrations.Migration):
    dependencies = [
        ("crm", "0005_custom_field_defaults"),
        ("shared", "0011_events"),
    ]

    operations = [
        TellRecords(
            'crm"."deals',
            Tells(
                "crm.deal.changed",
                (
                    "name",
                    "status",
                    "stage_id",
                    "customer_id",
                    "amount",
                    "currency",
                    "owner_id",
                    "created_at",
                    "closed_at",
                ),
                subject="customer_id",
            ),
        ),
        TellRecords(
            'crm"."activities',
            Tells(
                "crm.activity.changed",
                ("type", "description", "customer_id", "occurred_at", "due_at", "done_at"),
                subject="customer_id",
            ),
        ),
    ]
