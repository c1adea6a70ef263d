"""What customers did: purchases, conversations, visits."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

from platform_core.models.customer import Customer
from platform_core.models.ordering import LATEST
from platform_core.models.tenancy import tenant_of_customer
from shared.domains.access import TableAccess
from shared.records import TenantForeignKey, TenantRow, TenantUnique

WORD = RegexValidator(
    r"\A[a-z][a-z0-9_.-]*\Z", "Write a word of small letters, digits and underscores, as in purchase."
)
CURRENCY = RegexValidator(r"\A[A-Z]{3}\Z", "Write a currency as three capitals, as in EUR (ISO 4217).")


class CustomerInteraction(TenantRow):
    """Something that happened between a customer and the tenant. Append-only, partitioned by month.

    The primary key in the database is (id, occurred_at). ``source`` and ``external_id`` make imports
    idempotent: what has both is recorded once.
    """

    referable = False  # nothing can refer to a partitioned table by id alone
    partitioned_by: ClassVar[str] = "occurred_at"
    table_access = TableAccess(append_only=True)

    organization = tenant_of_customer()
    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="interactions")
    occurred_at = models.DateTimeField()
    interaction_type = models.CharField(
        "type", max_length=32, validators=[WORD], help_text="As in purchase, chat, ticket, visit."
    )
    channel = models.CharField(max_length=32, blank=True, help_text="As in web, e-mail, phone, store.")
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True, validators=[CURRENCY])
    source = models.CharField(max_length=64, blank=True, help_text="Which system told, as in cdnow.")
    external_id = models.CharField(max_length=200, null=True, blank=True, db_collation="C")
    metadata = models.JSONField(default=dict, db_default={}, blank=True)
    import_batch_id = models.UUIDField(
        null=True,
        blank=True,
        editable=False,
        help_text="The import that brought it, which can be taken back.",
    )

    class Meta(TenantRow.Meta):
        db_table = 'platform"."customer_interactions'
        constraints = [
            TenantUnique(
                fields=["source", "external_id", "occurred_at"],
                name="customer_interactions_import_key",
                living=False,
                error_field="external_id",
                message="This interaction is already recorded.",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(currency__regex=r"^[A-Z]{3}$"),
                name="customer_interactions_currency_check",
                violation_error_message="An amount needs its currency.",
            ),
        ]
        indexes = [
            models.Index("organization", *LATEST, name="customer_interactions_latest"),
            models.Index("organization", "customer", *LATEST, name="customer_interactions_customer"),
            models.Index("organization", "interaction_type", *LATEST, name="customer_interactions_type"),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_type} on {self.occurred_at:%Y-%m-%d}"
