"""Keyset pagination: a page starts after a row, so the hundred-thousandth costs what the first costs."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, QuerySet, Value

from shared.api.problems import bad_parameter

DEFAULT_LIMIT = 25
MAX_LIMIT = 200
_SIGNATURE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in an ordered list: after (or, reversed, before) the row with these values."""

    values: tuple[Any, ...]
    """Of the order's columns; none where it stands at the end of the list that the page begins with."""
    reverse: bool = False

    def behind(self) -> Cursor:
        """The place by all columns but the first, among rows that have no value there."""
        return replace(self, values=self.values[1:])


@dataclass(frozen=True, slots=True)
class Ordering:
    """Columns of an order, the identifier last, each with its direction.

    ``nullable``: the first one may be NULL, which comes last in either direction; the others never are.
    """

    name: str
    """As in ``?ordering=``."""
    fields: tuple[str, ...]
    descending: tuple[bool, ...]
    nullable: bool = False

    @classmethod
    def of(cls, *names: str) -> Ordering:
        """``Ordering.of("-created_at")`` → created_at descending, then id descending."""
        plain = tuple(n.lstrip("-") for n in names)
        directions = tuple(n.startswith("-") for n in names)
        if plain[-1] != "id":
            plain, directions = (*plain, "id"), (*directions, directions[-1])
        name = ",".join(n for n in names if n.lstrip("-") != "id") or names[0]
        return cls(name, plain, directions)

    def order_by(self, reverse: bool) -> list[str]:
        """Arguments of ``order_by``."""
        return [("-" if d != reverse else "") + f for f, d in zip(self.fields, self.descending, strict=True)]

    def beyond(self, values: Sequence[Any], reverse: bool) -> Any:
        """The condition "after the row with these values" (before it, where reversed)."""
        if len(set(self.descending)) == 1:
            sign = "<" if self.descending[0] != reverse else ">"
            return RowComparison(self.fields, values, sign)
        condition = Q()
        for index, (name, descending) in enumerate(zip(self.fields, self.descending, strict=True)):
            same = dict(zip(self.fields[:index], values[:index], strict=True))
            lookup = "lt" if descending != reverse else "gt"
            condition |= Q(**same, **{f"{name}__{lookup}": values[index]})
        return condition

    def among_null(self) -> Ordering:
        """The order of the rows whose first column is NULL."""
        return replace(self, fields=self.fields[1:], descending=self.descending[1:], nullable=False)

    def place(self, model: Any, values: Sequence[Any]) -> tuple[Any, ...]:
        """Values of a cursor as the columns have them."""
        fields = [model._meta.get_field(name) for name in self.fields]
        return tuple(f.to_python(v) for f, v in zip(fields, values, strict=True))


class RowComparison(Func):
    """``(a, b) < (x, y)``: one index condition, where ORs would read and discard."""

    conditional = True
    output_field = models.BooleanField()  # type: ignore[assignment]

    def __init__(self, fields: Sequence[str], values: Sequence[Any], sign: str) -> None:
        self.width = len(fields)
        self.sign = sign
        super().__init__(*(F(f) for f in fields), *values)

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> Any:  # type: ignore[override]
        parts = [compiler.compile(e) for e in self.source_expressions]
        left = ", ".join(sql for sql, _ in parts[: self.width])
        right = ", ".join(sql for sql, _ in parts[self.width :])
        params = [p for _, some in parts for p in some]
        return f"({left}) {self.sign} ({right})", params


def parse_limit(raw: str | None) -> int:
    """``?limit=``; a 400 problem unless it is 1 to 200."""
    if raw is None:
        return DEFAULT_LIMIT
    if raw.isascii() and raw.isdigit() and len(raw) <= 3 and 1 <= int(raw) <= MAX_LIMIT:
        return int(raw)
    raise bad_parameter("limit", f"Send a whole number from 1 to {MAX_LIMIT}.")


def find_page(
    rows: QuerySet[Any], ordering: Ordering, cursor: Cursor | None, limit: int, *, null: bool | None = None
) -> QuerySet[Any]:
    """The rows of a page and one more, which tells whether there is a next page.

    ``null``: only those whose first column is NULL, or is not; the cursor's first value is then left out, or in.
    """
    reverse = cursor is not None and cursor.reverse
    if null is not None:
        rows = rows.filter(**{f"{ordering.fields[0]}__isnull": null})
    if cursor is not None and cursor.values:
        compared = ordering.among_null() if null else ordering
        rows = rows.filter(compared.beyond(_typed(rows.model, compared, cursor.values), reverse))
    return rows.order_by(*ordering.order_by(reverse))[: limit + 1]


def read_in_two(
    cursor: Cursor | None,
    limit: int,
    with_value: Callable[[Cursor | None], list[Any]],
    without: Callable[[Cursor | None], list[Any]],
) -> list[Any]:
    """A page of an order in which what has no value comes last, in either direction: one condition for both would be no
    range of an index. Each part reads a page and one row more; the cursor's first value is None in the latter."""
    reverse = cursor is not None and cursor.reverse
    parts = [(without, True), (with_value, False)] if reverse else [(with_value, False), (without, True)]
    place = cursor
    if cursor is not None and (cursor.values[0] is None) != parts[0][1]:
        del parts[0]
    found: list[Any] = []
    for read, behind in parts:
        found += read(place.behind() if behind and place is not None else place)
        if len(found) > limit:
            break
        place = Cursor((), reverse)
    return found[: limit + 1]


def _typed(model: Any, ordering: Ordering, values: Sequence[Any]) -> list[Value]:
    return [
        Value(value, output_field=model._meta.get_field(name))
        for name, value in zip(ordering.fields, values, strict=True)
    ]


@cache
def _secret() -> bytes:
    return hashlib.sha256(b"trellis.api.cursor" + settings.SECRET_KEY.encode()).digest()


def _signature(purpose: str, payload: bytes) -> bytes:
    return hmac.digest(_secret(), purpose.encode() + b"\x00" + payload, "sha256")[:_SIGNATURE_BYTES]


def encode_cursor(cursor: Cursor, *, purpose: str) -> str:
    """An opaque text, signed, valid for one list and order (``purpose``)."""
    payload = orjson.dumps([int(cursor.reverse), *(_written(v) for v in cursor.values)])
    return base64.urlsafe_b64encode(_signature(purpose, payload) + payload).rstrip(b"=").decode()


def decode_cursor(raw: str, model: type[models.Model], ordering: Ordering, *, purpose: str) -> Cursor:
    """The place that a cursor stands for; a 400 problem when it was not made here for this list."""
    refusal = bad_parameter("cursor", "It is not one of this list: start again without it.")
    try:
        data = base64.b64decode(raw.encode("ascii") + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        raise refusal from None
    signature, payload = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(purpose, payload)):
        raise refusal
    reverse, *values = orjson.loads(payload)
    return Cursor(ordering.place(model, values), bool(reverse))


def _written(value: Any) -> Any:
    if isinstance(value, (uuid.UUID, Decimal)):
        return str(value)
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    return value
