"""Customers and companies tell the apps of every change."""

from django.db import migrations

from shared.domains.operations import CreateFunctions
from shared.events.telling import TellChanges


class Migration(migrations.Migration):
    dependencies = [
        ("platform_core", "0011_undone_imports"),
        ("shared", "0011_events"),
    ]

    operations = [
        CreateFunctions(
            "sql/tell_customers.sql",
            (
                "platform.tell_customers()",
                "platform.customer_gone(uuid)",
                "platform.customer_event(uuid, text, text, text, text, uuid, text, boolean)",
                "platform.tell_companies()",
            ),
            private=True,
        ),
        TellChanges("Customer", "platform.tell_customers()"),
        TellChanges("Company", "platform.tell_companies()"),
    ]
