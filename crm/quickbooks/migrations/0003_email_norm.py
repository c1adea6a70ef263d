"""Customers are found by their e-mail, in any case.

The generated column rewrites one tenant's table, not everybody's: the rollout takes one tenant after the other.
"""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("quickbooks", "0002_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="historicalquickbookscustomer",
            name="email_norm",
            field=models.CharField(db_column="email_norm", max_length=254, null=True),
        ),
        migrations.AddField(
            model_name="quickbookscustomer",
            name="email_norm",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower(
                    django.db.models.functions.text.Trim("email")
                ),
                output_field=models.CharField(max_length=254),
            ),
        ),
        migrations.AddIndex(
            model_name="quickbookscustomer",
            index=models.Index(
                models.F("organization"), models.F("email_norm"), name="quickbooks_customers_email"
            ),
        ),
    ]
