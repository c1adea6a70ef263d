"""What has been computed about a customer's behaviour."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from platform_core.models.archetype import ArchetypeL1, ArchetypeL2, ArchetypeL3
from platform_core.models.customer import Customer
from platform_core.models.ordering import NEWEST
from platform_core.models.tenancy import tenant_of_customer
from shared.records import Record, TenantForeignKey, TenantUnique


def _probability(verbose_name: str) -> models.FloatField[float | None, float | None]:
    return models.FloatField(
        verbose_name, null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )


class CustomerProfile(Record):
    """One per customer, computed from interactions by ``refresh_profiles`` and by models; never typed in.

    Recency counts from the tenant's newest interaction, not from today: so it means the same for a file of
    the nineties as for this morning's orders, and computing it twice changes nothing.
    """

    takes_custom_fields = False
    undoable = False

    organization = tenant_of_customer()
    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="profiles")
    last_interaction_at = models.DateTimeField(null=True, blank=True)
    interaction_count = models.PositiveIntegerField(default=0)
    recency = models.PositiveIntegerField(
        "recency (days)", null=True, blank=True, help_text="Days from the last purchase to the newest data."
    )
    frequency = models.PositiveIntegerField(default=0, help_text="Number of purchases.")
    monetary_value = models.DecimalField(
        max_digits=18, decimal_places=2, default=0, help_text="Sum of all purchases in the main currency."
    )
    currency = models.CharField(max_length=3, blank=True, help_text="The currency of most purchases.")
    archetype_l1 = TenantForeignKey(
        ArchetypeL1, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    archetype_l1_probability = _probability("probability of level 1")
    archetype_l2 = TenantForeignKey(
        ArchetypeL2, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    archetype_l2_probability = _probability("probability of level 2")
    archetype_l3 = TenantForeignKey(
        ArchetypeL3, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    archetype_l3_probability = _probability("probability of level 3")
    expected_purchases = models.FloatField(null=True, blank=True)
    probability_alive = _probability("probability alive")
    lifetime_value = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    churn_risk = _probability("churn risk")
    features = models.JSONField(default=dict, db_default={}, blank=True)
    model_name = models.CharField("model", max_length=100, blank=True, help_text="Which model scored it.")
    model_version = models.CharField(max_length=32, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Record.Meta):
        db_table = 'platform"."customer_profiles'
        constraints = [
            # Counts deleted rows too: a profile goes and comes back with its customer.
            TenantUnique(fields=["customer"], name="customer_profiles_customer_key", living=False)
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="customer_profiles_newest"),
            models.Index("organization", "archetype_l1", *NEWEST, name="customer_profiles_archetype"),
            models.Index("organization", "last_interaction_at", name="customer_profiles_last"),
        ]

    def __str__(self) -> str:
        return "What is known"
