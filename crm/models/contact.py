"""Contacts: what a golden customer is at a company."""

from __future__ import annotations

from django.db import models

from crm.models.customer_reference import CustomerReference
from shared.records import Record, TenantForeignKey, TenantUnique


class Contact(Record):
    """A role of a golden customer at a company; not another person."""

    customer = TenantForeignKey(CustomerReference, on_delete=models.CASCADE, related_name="contacts")
    company_id = models.UUIDField(editable=False, help_text="The golden company.")
    company_name = models.CharField(max_length=200, blank=True, editable=False)
    role_title = models.CharField(max_length=200, blank=True)
    is_primary = models.BooleanField(default=False, help_text="The first person to talk to at the company.")

    class Meta(Record.Meta):
        db_table = 'crm"."contacts'
        constraints = [
            TenantUnique(
                fields=["company_id", "customer"],
                name="contacts_customer_company_key",
                message="This customer is a contact at this company already.",
            ),
            TenantUnique(
                fields=["company_id"],
                name="contacts_primary_key",
                condition=models.Q(is_primary=True),
                error_field="is_primary",
                message="The company has another primary contact.",
            ),
        ]
        indexes = [
            models.Index(
                "organization", models.F("created_at").desc(), models.F("id").desc(), name="contacts_newest"
            ),
            models.Index(
                "organization",
                "company_id",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="contacts_company",
            ),
            models.Index(
                "organization",
                "customer",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="contacts_customer",
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.role_title, self.company_name))) or str(self.company_id)
