"""Orders along the index of terms: of custom fields, and of decimals, whose own index serves no range under RLS.

A page is read in two steps, the place in the index and then the records there; what has no value comes last.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import QuerySet

from shared.api.pagination import Cursor, Ordering, find_page, read_in_two
from shared.api.reading import Found, Reader
from shared.records.custom_fields.finding import Terms

TIME = ("created_at", "record_id")
"""How terms of one value are sorted: as their records are by ``created_at``."""


@dataclass(frozen=True, slots=True)
class TermOrdering(Ordering):
    """An order of terms; heirs say of which."""

    key: str = ""
    """Of the custom field, or the column."""

    @classmethod
    def by(cls, name: str, key: str) -> Self:
        """``name`` as in ``?ordering=``, with its sign."""
        down = name.startswith("-")
        return cls(name, ("term", *TIME), (down, down, down), key=key)

    def terms(self, model: Any) -> Terms:
        """The terms of this kind of record; inside the unit."""
        raise NotImplementedError

    def place(self, model: Any, values: Sequence[Any]) -> tuple[Any, ...]:
        *before, record = values
        if before[0] is None:
            return None, uuid.UUID(record)
        term, moment = before
        return term, dt.datetime.fromisoformat(moment), uuid.UUID(record)

    def find(self, terms: Terms, rows: QuerySet[Any], place: Cursor | None, limit: int) -> QuerySet[Any]:
        """The terms of a page of ``rows``."""
        if place is None or not place.values:
            among = terms.rows()
        else:
            among = terms.above() if self.descending[0] != place.reverse else terms.below()
        return find_page(terms.of_these(among, rows), self, place, limit)

    def read(self, reader: Reader, rows: QuerySet[Any], cursor: Cursor | None, limit: int) -> list[Found]:
        """A page of ``rows`` and one row more; inside the unit."""
        terms = self.terms(rows.model)
        without = Ordering("", ("id",), self.descending[:1])

        def with_value(place: Cursor | None) -> list[Found]:
            return _read_records(reader, rows, self.find(terms, rows, place, limit), self.fields)

        def without_value(place: Cursor | None) -> list[Found]:
            found = reader.read(find_page(rows.filter(terms.missing()), without, place, limit), ("id",))
            return [(answer, (None, *last)) for answer, last in found]

        return read_in_two(cursor, limit, with_value, without_value)


def goes_by_time(ordering: Ordering) -> bool:
    """Whether a list is in the order in which terms of one value are, too."""
    return ordering.fields == ("created_at", "id") and len(set(ordering.descending)) == 1


def find_having(
    rows: QuerySet[Any], found: QuerySet[Any], ordering: Ordering, cursor: Cursor | None, limit: int
) -> QuerySet[Any]:
    """The terms of a page of those ``rows`` whose terms were ``found``, all of one value. The index has them in the
    list's order, however many there are."""
    along = Ordering("", TIME, ordering.descending)
    return find_page(found.filter(record_id__in=rows.values("pk")), along, cursor, limit)


def read_having(
    reader: Reader,
    rows: QuerySet[Any],
    found: QuerySet[Any],
    ordering: Ordering,
    cursor: Cursor | None,
    limit: int,
) -> list[Found]:
    """Their records, and one more."""
    return _read_records(reader, rows, find_having(rows, found, ordering, cursor, limit), TIME)


def _read_records(
    reader: Reader, rows: QuerySet[Any], page: QuerySet[Any], columns: Sequence[str]
) -> list[Found]:
    """The records of a page of terms, with the place of each."""
    places = list(page.values_list(*columns))
    found = reader.read(rows.filter(pk__in=[place[-1] for place in places]), ("id",))
    answers = {identifier: answer for answer, (identifier,) in found}
    return [(answers[place[-1]], place) for place in places if place[-1] in answers]


@dataclass(frozen=True, slots=True)
class DecimalOrdering(TermOrdering):
    """The order of one of the model's ``sorted_fields``."""

    def terms(self, model: Any) -> Terms:
        return Terms.of_column(model, self.key)
