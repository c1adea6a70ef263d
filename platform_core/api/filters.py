"""Filters of the platform's lists; each reaches an index under row-level security."""

from __future__ import annotations

from platform_core.models import (
    ArchetypeDefinition,
    ArchetypeL2,
    ArchetypeL3,
    Company,
    Customer,
    CustomerIdentifier,
    CustomerInteraction,
    CustomerProfile,
    CustomerRecord,
    TimelineEntry,
)
from shared.api.filters import FilterSet, NormalisedFilter, PrefixFilter

CREATED = ["gte", "lt"]


class CompanyFilter(FilterSet):
    name = PrefixFilter(field_name="name_norm", label="Beginning of the name in any case")
    domain = NormalisedFilter(field_name="domain", label="Internet domain")

    class Meta:
        model = Company
        fields = {"created_at": CREATED}


class CustomerFilter(FilterSet):
    email = NormalisedFilter(field_name="email_norm", label="E-mail in any case")
    email__startswith = PrefixFilter(field_name="email_norm", label="Beginning of the e-mail in any case")
    name = PrefixFilter(field_name="name_norm", label="Beginning of the name in any case")

    class Meta:
        model = Customer
        fields = {
            "phone": ["exact"],
            "company": ["exact"],
            "account_tier": ["exact"],
            "account_manager": ["exact"],
            "crm_id": ["exact"],
            "support_id": ["exact"],
            "created_at": CREATED,
        }


class CustomerIdentifierFilter(FilterSet):
    class Meta:
        model = CustomerIdentifier
        fields = {"customer": ["exact"], "kind": ["exact"], "value_norm": ["exact"], "created_at": CREATED}


class CustomerInteractionFilter(FilterSet):
    class Meta:
        model = CustomerInteraction
        fields = {
            "customer": ["exact"],
            "interaction_type": ["exact"],
            "source": ["exact"],
            "external_id": ["exact"],
            "occurred_at": CREATED,
        }


class CustomerProfileFilter(FilterSet):
    class Meta:
        model = CustomerProfile
        fields = {"customer": ["exact"], "archetype_l1": ["exact"], "last_interaction_at": CREATED}


class ArchetypeL2Filter(FilterSet):
    class Meta:
        model = ArchetypeL2
        fields = {"parent": ["exact"], "code": ["exact"]}


class ArchetypeL3Filter(FilterSet):
    class Meta:
        model = ArchetypeL3
        fields = {"parent": ["exact"], "code": ["exact"]}


class ArchetypeDefinitionFilter(FilterSet):
    class Meta:
        model = ArchetypeDefinition
        fields = {"l1": ["exact"], "code": ["exact"]}


class CustomerRecordFilter(FilterSet):
    class Meta:
        model = CustomerRecord
        fields = {"customer": ["exact"], "domain": ["exact"], "kind": ["exact"], "record_id": ["exact"]}


class TimelineEntryFilter(FilterSet):
    class Meta:
        model = TimelineEntry
        fields = {"customer": ["exact"], "domain": ["exact"], "kind": ["exact"], "at": CREATED}
