"""What support's lists may be filtered by."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from shared.api.filters import FilterSet, NormalisedFilter, PrefixFilter
from support.models import Agent, CustomerReference, Ticket, TicketMessage

LARGEST_NUMBER = 2**31 - 1
TIMES = ["gte", "gt", "lte", "lt"]


class TicketNumberFilter(django_filters.NumberFilter):
    """A whole number that a ticket may have."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> Any:
        return MaxValueValidator(LARGEST_NUMBER)


class TicketFilter(FilterSet):
    number = TicketNumberFilter(validators=[MinValueValidator(1)])
    subject = PrefixFilter(field_name="subject_norm", label="Subject begins with")

    class Meta:
        model = Ticket
        fields = {
            "status": ["exact"],
            "priority": ["exact"],
            "channel": ["exact"],
            "agent": ["exact"],
            "customer": ["exact"],
            "created_at": TIMES,
        }


class TicketMessageFilter(FilterSet):
    class Meta:
        model = TicketMessage
        fields = {"direction": ["exact"], "created_at": TIMES}


class AgentFilter(FilterSet):
    class Meta:
        model = Agent
        fields = {"presence": ["exact"], "profile": ["exact"]}


class CustomerReferenceFilter(FilterSet):
    email = NormalisedFilter(field_name="email_norm")
    name = PrefixFilter(field_name="name_norm", label="Name begins with")

    class Meta:
        model = CustomerReference
        fields = {"created_at": TIMES}
