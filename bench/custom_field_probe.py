"""Times pages of tickets by a custom field and by a column of the same values: run by the case custom_fields.

Prints JSON: for each question, median milliseconds both ways, the plan by the custom field, and whether both found the same
tickets.
"""

from __future__ import annotations

import json
import statistics
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import django

django.setup()

from django.db.models import QuerySet  # noqa: E402

from bench.harness import time_each  # noqa: E402
from shared.api.custom_field_lists import CustomFieldFilters, CustomFieldOrdering  # noqa: E402
from shared.api.listing import read_by_terms  # noqa: E402
from shared.api.pagination import Cursor, Ordering, find_page  # noqa: E402
from shared.api.reading import Found, reader_for  # noqa: E402
from shared.api.term_orders import find_having  # noqa: E402
from shared.records.custom_fields.services import define_custom_field  # noqa: E402
from shared.session import Actor, acting  # noqa: E402
from support.api.serializers.ticket import TicketSerializer  # noqa: E402
from support.choices import TicketStatus  # noqa: E402
from support.models import CustomField, CustomFieldTerm, Ticket  # noqa: E402

LIMIT = 25
NEWEST = Ordering.of("-created_at")
BY_NUMBER, BY_FIELD = Ordering.of("-number"), CustomFieldOrdering.named("-custom_fields.order_number")
READER = reader_for(TicketSerializer)


@dataclass(frozen=True)
class Filtered:
    """Newest tickets of a filter."""

    name: str
    fields: dict[str, str]
    columns: dict[str, Any]

    def filters(self) -> CustomFieldFilters:
        """As the API gets them."""
        return CustomFieldFilters.of(Ticket, {f"custom_fields.{n}": v for n, v in self.fields.items()})

    def rows(self) -> QuerySet[Any]:
        """What the page is found by: terms where one value leads, else the tickets."""
        rows, leading = self.filters().split(Ticket.objects.all())
        if leading is None:
            return find_page(rows, NEWEST, None, LIMIT)
        terms, value = leading
        return find_having(rows, terms.having(value), NEWEST, None, LIMIT)

    def by_field(self) -> list[Found]:
        """As the API reads it; the definitions are looked up anew."""
        return read_by_terms(READER, self.filters(), Ticket.objects.all(), NEWEST, None, LIMIT)

    def by_column(self) -> list[Found]:
        return READER.read(find_page(Ticket.objects.filter(**self.columns), NEWEST, None, LIMIT))


@dataclass(frozen=True)
class Sorted:
    """Tickets from the largest number on, or from one within."""

    name: str
    field_place: Cursor | None = None
    column_place: Cursor | None = None

    def rows(self) -> QuerySet[Any]:
        return BY_FIELD.find(BY_FIELD.terms(Ticket), Ticket.objects.all(), self.field_place, LIMIT)

    def by_field(self) -> list[Found]:
        return BY_FIELD.read(READER, Ticket.objects.all(), self.field_place, LIMIT)

    def by_column(self) -> list[Found]:
        return READER.read(find_page(Ticket.objects.all(), BY_NUMBER, self.column_place, LIMIT))


def questions() -> Iterator[Filtered | Sorted]:
    """What is asked for."""
    number = Ticket.objects.order_by("created_at").values_list("number", flat=True)[1000]
    yield Filtered("one ticket of all", {"order_number": str(number)}, {"number": number})
    yield Filtered(
        "a range of 100",
        {"order_number__gte": str(number), "order_number__lt": str(number + 100)},
        {"number__gte": number, "number__lt": number + 100},
    )
    yield Filtered("newest 25 of an eighth", {"stage": "open"}, {"status": "open"})
    yield Filtered("newest 25 of a fiftieth", {"stage": "spam"}, {"status": "spam"})
    yield Sorted("sorted, first page")
    deep = Ticket.objects.order_by("number")[Ticket.objects.count() // 2]
    term = CustomFieldTerm.objects.filter(record_id=deep.pk, term__startswith="ticket.order_number=n").get()
    yield Sorted(
        "sorted, the page in the middle",
        Cursor((term.term, term.created_at, deep.pk)),
        Cursor((deep.number, deep.pk)),
    )


def define() -> None:
    """The fields, which the rows had before anybody defined them."""
    if CustomField.objects.exists():
        return
    define_custom_field(
        CustomField, entity="ticket", key="order_number", label="Order number", type="integer"
    )
    stages = list(TicketStatus.values)
    define_custom_field(
        CustomField, entity="ticket", key="stage", label="Stage", type="choice", choices=stages
    )


def main() -> None:
    """Alternate both ways to ask, as often as the second argument says."""
    organization, turns = uuid.UUID(sys.argv[1]), int(sys.argv[2])
    actor = Actor(kind="key", id=organization, name="bench")
    with acting(domain="support", organization=organization, actor=actor):
        define()
    found: dict[str, Any] = {}
    with acting(domain="support", organization=organization, actor=actor):
        for question in questions():
            mine, theirs = question.by_field(), question.by_column()
            taken = time_each({"field": question.by_field, "column": question.by_column}, turns=turns)
            found[question.name] = {
                "field_ms": statistics.median(taken["field"]) * 1000,
                "column_ms": statistics.median(taken["column"]) * 1000,
                "plan": question.rows().explain(),
                "same": [answer["id"] for answer, _ in mine] == [answer["id"] for answer, _ in theirs],
            }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
