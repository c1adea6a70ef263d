"""The golden record: one row per customer of a tenant, and by what customers are recognised."""

from __future__ import annotations

import zoneinfo
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower, NullIf, Trim

from platform_core.choices import STRONG_IDENTIFIERS, WEAK_IDENTIFIERS, AccountTier, IdentifierKind
from platform_core.models.company import Company
from platform_core.models.ordering import NEWEST
from platform_core.models.tenancy import tenant_of_customer
from shared.records import Record, TenantForeignKey, TenantUnique
from shared.tenancy.models import UserProfile

E164 = RegexValidator(r"\A\+[1-9][0-9]{6,14}\Z", "Write a phone number in full, as in +4930123456 (E.164).")
LANGUAGE = RegexValidator(
    r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", "Write a language as in de or pt-BR (BCP 47)."
)


def validate_timezone(value: str) -> None:
    """Refuse what is not a name of the time zone database."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError("Write a time zone as in Europe/Berlin (IANA name).", code="invalid")


class Customer(Record):
    """A customer as all apps know them. The e-mail, in any case, is unique among the living of a tenant."""

    describes: ClassVar[str] = "customer"
    tells: ClassVar[str] = "platform.tell_customers()"

    email = models.EmailField("e-mail", max_length=254, blank=True)
    email_norm = models.GeneratedField(
        expression=NullIf(Lower(Trim("email")), models.Value("")),
        output_field=models.CharField(max_length=254, null=True, db_collation="C"),
        db_persist=True,
    )
    name = models.CharField(max_length=200, blank=True)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")),
        output_field=models.CharField(max_length=200, db_collation="C"),
        db_persist=True,
    )
    phone = models.CharField(max_length=16, blank=True, validators=[E164], help_text="As in +4930123456.")
    company = TenantForeignKey(
        Company, on_delete=models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    crm_id = models.CharField("CRM id", max_length=64, null=True, blank=True)
    support_id = models.CharField("support id", max_length=64, null=True, blank=True)
    account_tier = models.CharField(max_length=16, choices=AccountTier, default=AccountTier.STANDARD)
    account_manager = TenantForeignKey(
        UserProfile, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    preferred_language = models.CharField(
        max_length=35, blank=True, validators=[LANGUAGE], help_text="As in de or pt-BR (BCP 47)."
    )
    timezone = models.CharField(
        "time zone",
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text="As in Europe/Berlin.",
    )

    class Meta(Record.Meta):
        db_table = 'platform"."customers'
        constraints = [
            TenantUnique(
                fields=["email_norm"],
                name="customers_email_key",
                error_field="email",
                message="There is already a customer with this e-mail.",
            ),
            TenantUnique(
                fields=["crm_id"], name="customers_crm_id_key", condition=models.Q(crm_id__isnull=False)
            ),
            TenantUnique(
                fields=["support_id"],
                name="customers_support_id_key",
                condition=models.Q(support_id__isnull=False),
            ),
            models.CheckConstraint(
                condition=models.Q(account_tier__in=AccountTier.values), name="customers_account_tier_check"
            ),
            models.CheckConstraint(
                condition=models.Q(phone="") | models.Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="customers_phone_check",
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="customers_newest"),
            models.Index("organization", "account_tier", *NEWEST, name="customers_account_tier"),
            models.Index(
                "organization",
                "company",
                *NEWEST,
                name="customers_company",
                condition=models.Q(company__isnull=False),
            ),
            models.Index(
                "organization",
                "account_manager",
                *NEWEST,
                name="customers_account_manager",
                condition=models.Q(account_manager__isnull=False),
            ),
            models.Index("organization", "name_norm", "id", name="customers_name"),
            models.Index(
                "organization", "phone", "id", name="customers_phone", condition=~models.Q(phone="")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or str(self.id)


class CustomerIdentifier(Record):
    """A further e-mail, phone or id by which a customer is recognised; strong kinds name only one."""

    referable = False

    organization = tenant_of_customer()
    customer = TenantForeignKey(Customer, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=16, choices=IdentifierKind)
    value = models.CharField(max_length=254, help_text="As it was given.")
    value_norm = models.CharField(
        "normalised value", max_length=254, editable=False, db_collation="C", help_text="As it is compared."
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=64, blank=True, help_text="Where it comes from, as in cdnow.")
    is_primary = models.BooleanField("primary", default=False)

    class Meta(Record.Meta):
        db_table = 'platform"."customer_identifiers'
        constraints = [
            TenantUnique(
                fields=["kind", "value_norm"],
                name="customer_identifiers_strong_key",
                condition=models.Q(kind__in=[str(kind) for kind in STRONG_IDENTIFIERS]),
                error_field="value",
                message="Another customer is already known by this identifier.",
            ),
            TenantUnique(
                fields=["customer", "kind", "value_norm"],
                name="customer_identifiers_customer_key",
                error_field="value",
                message="The customer already has this identifier.",
            ),
            TenantUnique(
                fields=["customer", "kind"],
                name="customer_identifiers_primary_key",
                condition=models.Q(is_primary=True),
                error_field="is_primary",
                message="A customer has one primary identifier of a kind.",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=IdentifierKind.values), name="customer_identifiers_kind_check"
            ),
            models.CheckConstraint(
                condition=~models.Q(value_norm=""), name="customer_identifiers_value_check"
            ),
        ]
        indexes = [
            models.Index("organization", *NEWEST, name="customer_identifiers_newest"),
            models.Index(
                fields=["organization", "kind", "value_norm"],
                name="customer_identifiers_weak",
                condition=models.Q(kind__in=[str(kind) for kind in WEAK_IDENTIFIERS]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value}"
