"""Filters of CRM's lists; each reaches an index under row-level security."""

from __future__ import annotations

from crm.models import Activity, Contact, CustomerReference, Deal, Pipeline, PipelineStage
from shared.api.filters import FilterSet, NormalisedFilter, PrefixFilter, UUIDInFilter

CREATED = ["gte", "lt"]


class CustomerReferenceFilter(FilterSet):
    customer = UUIDInFilter(field_name="customer_id", label="Golden customers")
    email = NormalisedFilter(field_name="email_norm", label="E-mail in any case")
    name = PrefixFilter(field_name="name_norm", label="Beginning of the name in any case")

    class Meta:
        model = CustomerReference
        fields = {"created_at": CREATED}


class PipelineFilter(FilterSet):
    name = NormalisedFilter(field_name="name_norm", label="Name in any case")

    class Meta:
        model = Pipeline
        fields = {"is_default": ["exact"]}


class StageFilter(FilterSet):
    class Meta:
        model = PipelineStage
        fields = {"pipeline": ["exact"], "type": ["exact"]}


class DealFilter(FilterSet):
    name = PrefixFilter(field_name="name_norm", label="Beginning of the name in any case")

    class Meta:
        model = Deal
        fields = {
            "status": ["exact"],
            "pipeline": ["exact"],
            "stage": ["exact"],
            "owner": ["exact"],
            "customer": ["exact"],
            "company_id": ["exact"],
            "expected_close": ["gte", "lt"],
            "created_at": CREATED,
        }


class ContactFilter(FilterSet):
    class Meta:
        model = Contact
        fields = {
            "customer": ["exact"],
            "company_id": ["exact"],
            "is_primary": ["exact"],
            "created_at": CREATED,
        }


class ActivityFilter(FilterSet):
    class Meta:
        model = Activity
        fields = {
            "type": ["exact"],
            "deal": ["exact"],
            "contact": ["exact"],
            "customer": ["exact"],
            "owner": ["exact"],
            "done_at": ["isnull"],
            "due_at": ["gte", "lt"],
            "created_at": CREATED,
        }
