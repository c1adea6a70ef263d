"""What of its records the domain tells the others, whatever writes."""

from django.db import migrations

from shared.events.telling import TellRecords, Tells


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0005_custom_field_defaults"),
        ("shared", "0011_events"),
    ]

    operations = [
        TellRecords(
            'support_app"."tickets',
            Tells(
                "support.ticket.changed",
                (
                    "number",
                    "subject",
                    "status",
                    "priority",
                    "channel",
                    "customer_id",
                    "agent_id",
                    "created_at",
                    "resolved_at",
                    "closed_at",
                ),
                subject="customer_id",
            ),
        ),
    ]
