"""Companies that customers work for."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Trim

from platform_core.models.ordering import NEWEST
from shared.records import Record, TenantForeignKey, TenantUnique


class Company(Record):
    """An organization that customers belong to; one of a name in a tenant."""

    tells: ClassVar[str] = "platform.tell_companies()"

    name = models.CharField(max_length=200)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")),
        output_field=models.CharField(max_length=200, db_collation="C"),
        db_persist=True,
    )
    domain = models.CharField(max_length=253, blank=True, help_text="Internet domain, as in example.com.")
    industry = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=16, blank=True, help_text="E.164, as in +4930123456.")
    country = models.CharField(max_length=2, blank=True, help_text="ISO 3166, as in DE.")

    class Meta(Record.Meta):
        db_table = 'platform"."companies'
        verbose_name_plural = "companies"
        constraints = [
            TenantUnique(fields=["name_norm"], name="companies_name_key", error_field="name"),
            models.CheckConstraint(condition=~models.Q(name_norm=""), name="companies_name_check"),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="companies_newest"),
            models.Index("organization", "domain", name="companies_domain"),
        ]

    def __str__(self) -> str:
        return self.name


class CompanyMembership(Record):
    """A customer works for a company, from one day to another; the present one has no end."""

    takes_custom_fields = False

    customer = TenantForeignKey(
        "platform_core.Customer", on_delete=models.CASCADE, related_name="company_memberships"
    )
    company = TenantForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=100, blank=True, help_text="As in purchasing manager.")
    is_primary = models.BooleanField("primary", default=False)
    started_on = models.DateField("from", null=True, blank=True)
    ended_on = models.DateField("to", null=True, blank=True)

    class Meta(Record.Meta):
        db_table = 'platform"."company_memberships'
        constraints = [
            TenantUnique(
                fields=["customer", "company"],
                name="company_memberships_open_key",
                condition=models.Q(ended_on__isnull=True),
                message="This customer already works for this company.",
            ),
            TenantUnique(
                fields=["customer"],
                name="company_memberships_primary_key",
                condition=models.Q(ended_on__isnull=True, is_primary=True),
                error_field="is_primary",
                message="A customer has one primary company at a time.",
            ),
            models.CheckConstraint(
                condition=models.Q(started_on__isnull=True)
                | models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("started_on")),
                name="company_memberships_order_check",
                violation_error_message="The end lies before the beginning.",
            ),
        ]
        indexes = [
            models.Index("organization", "company", *NEWEST, name="company_memberships_company"),
            models.Index("organization", "customer", *NEWEST, name="company_memberships_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} at {self.company}"
