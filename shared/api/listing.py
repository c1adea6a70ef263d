"""Lists: parameters, one query, a page with its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson
from django.db import connections
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from shared.api.as_of import AS_OF
from shared.api.custom_field_lists import CustomFieldFilters, CustomFieldOrdering, prefix_of
from shared.api.filters import FilterPlan
from shared.api.pagination import (
    Cursor,
    Ordering,
    decode_cursor,
    encode_cursor,
    find_page,
    parse_limit,
    read_in_two,
)
from shared.api.problems import bad_parameter
from shared.api.query import parse_shape, read_parameters
from shared.api.reading import Found, Reader
from shared.api.statements import find_statement
from shared.api.term_orders import TermOrdering, goes_by_time, read_having
from shared.api.units import carry_out

if TYPE_CHECKING:
    from shared.api.viewsets import RecordViewSet

LIST_PARAMETERS = frozenset({"limit", "cursor", "ordering", "fields", "expand", "count", AS_OF})
COUNT_LIMIT = 10_000


def answer_list(view: RecordViewSet, request: Request) -> Response:
    """One page. Selector, query and reading happen inside one unit."""
    custom = prefix_of(view.model)
    values = read_parameters(request.query_params, view.list_parameters(), beginning=custom)
    if request.accepted_renderer.format == "api":  # the filter form of a page sends every field
        values = {name: value for name, value in values.items() if value}
    limit = parse_limit(values.get("limit"))
    ordering = _ordering(view, values.get("ordering"))
    shape = parse_shape(values, view.field_names(), view.expandable)
    purpose = f"{type(view).__qualname__}:{ordering.name}"
    cursor = None
    if "cursor" in values:
        cursor = decode_cursor(values["cursor"], view.model, ordering, purpose=purpose)
    plan = view.filter_plan()
    filters = plan.clean(values)
    fields = CustomFieldFilters.of(view.model, values if custom else {})
    count = values.get("count")
    if count not in (None, "exact", "estimate"):
        raise bad_parameter("count", "Send exact (up to 10,000) or estimate, or leave it out.")
    reader = view.reader(shape)
    by_terms = bool(fields.given) or isinstance(ordering, TermOrdering)

    def read() -> tuple[list[Found], dict[str, Any] | None]:
        if by_terms:
            found = read_by_terms(reader, fields, plan.apply(view.rows(), filters), ordering, cursor, limit)
        else:
            found = _read(view, reader, plan, filters, ordering, cursor, limit)
        return found, _count(fields.apply(plan.apply(view.rows(), filters)), count) if count else None

    found, counted = carry_out(view.reading_unit, read)
    page: dict[str, Any] = {**page_links(request, values, cursor, limit, found, purpose)}
    if counted is not None:
        page["count"] = counted
    page["results"] = [answer for answer, _ in found]
    return Response(page)


def _read_rows(
    reader: Reader, rows: QuerySet[Any], ordering: Ordering, cursor: Cursor | None, limit: int
) -> list[Found]:
    """The page of these rows."""
    if isinstance(ordering, TermOrdering):
        return ordering.read(reader, rows, cursor, limit)

    def part(place: Cursor | None, null: bool | None = None) -> list[Found]:
        return reader.read(find_page(rows, ordering, place, limit, null=null), ordering.fields)

    return _in_parts(ordering, cursor, limit, part)


def read_by_terms(
    reader: Reader,
    fields: CustomFieldFilters,
    rows: QuerySet[Any],
    ordering: Ordering,
    cursor: Cursor | None,
    limit: int,
) -> list[Found]:
    """The page of those of ``rows`` that custom fields leave: along the index of terms, where it has their order."""
    if not goes_by_time(ordering):
        return _read_rows(reader, fields.apply(rows), ordering, cursor, limit)
    rows, leading = fields.split(rows)
    if leading is None:
        return _read_rows(reader, rows, ordering, cursor, limit)
    terms, value = leading
    return read_having(reader, rows, terms.having(value), ordering, cursor, limit)


def _in_parts(
    ordering: Ordering, cursor: Cursor | None, limit: int, part: Callable[..., list[Found]]
) -> list[Found]:
    """The page at once, or, where the order's first column may be NULL, in two parts."""
    if not ordering.nullable:
        return part(cursor)
    return read_in_two(cursor, limit, partial(part, null=False), partial(part, null=True))


def _read(
    view: RecordViewSet,
    reader: Reader,
    plan: FilterPlan,
    filters: list[tuple[str, Any]],
    ordering: Ordering,
    cursor: Cursor | None,
    limit: int,
) -> list[Found]:
    """The page, by a statement that is kept where that is safe."""
    if not (view.keeps_statements() and reader.compiled and all(plan.stands_still(n) for n, _ in filters)):
        return _read_rows(reader, plan.apply(view.rows(), filters), ordering, cursor, limit)

    def part(place: Cursor | None, null: bool | None = None) -> list[Found]:
        return _read_kept(view, reader, plan, filters, ordering, place, limit, null)

    return _in_parts(ordering, cursor, limit, part)


def _read_kept(
    view: RecordViewSet,
    reader: Reader,
    plan: FilterPlan,
    filters: list[tuple[str, Any]],
    ordering: Ordering,
    cursor: Cursor | None,
    limit: int,
    null: bool | None,
) -> list[Found]:
    values: dict[str, Any] = {}
    shapes: list[Any] = []
    for name, value in filters:
        if isinstance(value, list):
            values.update({f"{name}.{index}": item for index, item in enumerate(value)})
            shapes.append((name, len(value)))
        elif isinstance(value, bool):
            shapes.append((name, value))
        else:
            values[name] = value
            shapes.append((name, None))
    if cursor is not None:
        values.update({f"cursor.{index}": value for index, value in enumerate(cursor.values)})

    def build(given: Mapping[str, Any]) -> QuerySet[Any]:
        said: list[tuple[str, Any]] = []
        for name, shape in shapes:
            if isinstance(shape, bool):
                said.append((name, shape))
            elif shape is None:
                said.append((name, given[name]))
            else:
                said.append((name, [given[f"{name}.{index}"] for index in range(shape)]))
        place = cursor
        if cursor is not None:
            place = Cursor(tuple(given[f"cursor.{i}"] for i in range(len(cursor.values))), cursor.reverse)
        page = find_page(plan.apply(view.rows(), said), ordering, place, limit, null=null)
        return page.values_list(*reader.columns(ordering.fields)[0])

    backwards = None if cursor is None else cursor.reverse
    key = (type(view), reader.key, ordering.name, null, backwards, limit, tuple(shapes))
    statement = find_statement(key, values, build)
    if statement is None:
        rows = find_page(plan.apply(view.rows(), filters), ordering, cursor, limit, null=null)
        return reader.read(rows, ordering.fields)
    return reader.run(statement, values, ordering.fields)


def _ordering(view: RecordViewSet, name: str | None) -> Ordering:
    orders = view.order_plan()
    if name is None:
        return next(iter(orders.values()))
    custom = prefix_of(view.model)
    if custom and name.lstrip("-").startswith(custom):
        return CustomFieldOrdering.named(name)
    if name not in orders:
        raise bad_parameter("ordering", f"Send one of: {', '.join(orders)}.")
    return orders[name]


def page_links(
    request: Request,
    values: dict[str, str],
    cursor: Cursor | None,
    limit: int,
    found: list[tuple[dict[str, Any], tuple[Any, ...]]],
    purpose: str,
) -> dict[str, str | None]:
    """Addresses of the neighbouring pages. Cuts the row that was read ahead, and puts a backward page in order."""
    more = len(found) > limit
    del found[limit:]
    reverse = cursor is not None and cursor.reverse
    if reverse:
        found.reverse()
    has_next = more if not reverse else True
    has_previous = more if reverse else cursor is not None
    links: dict[str, str | None] = {"next": None, "previous": None}
    if has_next and found:
        links["next"] = _address(request, values, Cursor(found[-1][1]), purpose)
    if has_previous and found:
        links["previous"] = _address(request, values, Cursor(found[0][1], reverse=True), purpose)
    return links


def _address(request: Request, values: dict[str, str], cursor: Cursor, purpose: str) -> str:
    query = urlencode({**values, "cursor": encode_cursor(cursor, purpose=purpose)})
    return f"{request._request.build_absolute_uri(request.path)}?{query}"


def _count(rows: QuerySet[Any], kind: str) -> dict[str, Any]:
    """How many rows there are: counted up to a limit, or the planner's estimate."""
    if kind == "exact":
        counted = rows.order_by()[: COUNT_LIMIT + 1].count()
        if counted > COUNT_LIMIT:
            return {"value": COUNT_LIMIT, "kind": "at_least"}
        return {"value": counted, "kind": "exact"}
    sql, params = rows.order_by().values("pk").query.get_compiler(rows.db).as_sql()
    with connections[rows.db].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
    plan = orjson.loads(plan) if isinstance(plan, str) else plan
    return {"value": int(plan[0]["Plan"]["Plan Rows"]), "kind": "estimate"}
