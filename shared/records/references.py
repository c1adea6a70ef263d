"""How an app refers to golden customers: a row of its own, the target of its foreign keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower, Trim

from shared.records.constraints import TenantUnique
from shared.records.models import Record


class CustomerReferenceRecord(Record):
    """What an app remembers of a golden customer: enough to list, find and link without asking the platform.

    Its identifier is the customer's own (``upsert_reference`` sees to it), so foreign keys hold golden ids.

    A cache, not a second identity: the platform's record wins whenever the two differ. The tier carries no
    CHECK, so that a tier which only the platform knows yet does not break the apps.
    """

    takes_custom_fields = False
    undoable = False
    follows_all: ClassVar[bool] = False
    """Whether the app has a reference of every customer from the start, rather than of those it works with."""

    customer_id = models.UUIDField(editable=False, help_text="Identifier of the golden customer.")
    email = models.EmailField(max_length=254, blank=True)
    email_norm = models.GeneratedField(
        expression=Lower(Trim("email")), output_field=models.CharField(max_length=254), db_persist=True
    )
    name = models.CharField(max_length=200, blank=True)
    name_norm = models.GeneratedField(
        expression=Lower(Trim("name")), output_field=models.CharField(max_length=200), db_persist=True
    )
    tier = models.CharField(max_length=32, default="standard", help_text="Account tier of the customer.")
    language = models.CharField(max_length=35, blank=True, help_text="Preferred language (BCP 47).")
    company_id = models.UUIDField(null=True, blank=True, editable=False, help_text="Their golden company.")
    company_name = models.CharField(max_length=200, blank=True, editable=False)
    last_synced_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(Record.Meta):
        abstract = True
        constraints = [
            # Counts deleted rows too: syncing a hidden reference revives it instead of making a second one.
            TenantUnique(
                fields=["customer_id"], name="%(app_label)s_customer_references_customer_key", living=False
            )
        ]
        indexes = [
            models.Index("organization", "email_norm", name="%(app_label)s_references_email"),
            models.Index("organization", "name_norm", name="%(app_label)s_references_name"),
            models.Index(
                "organization",
                models.F("created_at").desc(),
                models.F("id").desc(),
                name="%(app_label)s_references_newest",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email or str(self.customer_id)
