"""What QuickBooks knows of a tenant's customers. Lives in the tenant's own schema and goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Trim

from shared.records import Record, TenantUnique


class QuickbooksCustomer(Record):
    """A customer as QuickBooks keeps it, mapped to the golden record."""

    takes_custom_fields = False
    fields_since: ClassVar[Mapping[str, int]] = {"email_norm": 3}
    """Fields that came later, with the version of the tenant's schema that brought them."""

    customer_id = models.UUIDField(null=True, blank=True, help_text="The golden customer, once matched.")
    external_id = models.CharField(max_length=64, help_text="QuickBooks' Customer.Id.")
    display_name = models.CharField(max_length=500)
    email = models.EmailField(max_length=254, blank=True)
    email_norm = models.GeneratedField(
        expression=Lower(Trim("email")), output_field=models.CharField(max_length=254), db_persist=True
    )
    sync_token = models.CharField(max_length=32, blank=True)
    last_synced_at = models.DateTimeField(null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)

    class Meta(Record.Meta):
        db_table = "integration_quickbooks_customers"
        verbose_name = "QuickBooks customer"
        constraints = [TenantUnique(fields=["external_id"], name="quickbooks_customers_external_id_key")]
        indexes = [
            models.Index("organization", "customer_id", name="quickbooks_customers_customer"),
            models.Index("organization", "email_norm", name="quickbooks_customers_email"),
            models.Index(
                "organization",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="quickbooks_customers_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name
