"""Lists of tickets by their custom fields: filters, orders, and who may use which."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import CustomField, Ticket
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.custom_fields import make_definition
from tests.bases.past import database_time
from tests.bases.staff import staff_client
from tests.support.factories import make_ticket

URL = "/api/support/tickets"

VALUES: dict[str, list[Any]] = {
    "text": ["Blue", "blueberry", "red", None],
    "number": ["10", "9.5", "-3", None],
    "integer": [10, 9, -3, None],
    "boolean": [True, False, True, None],
    "date": ["2026-03-01", "2026-02-28", "2025-12-31", None],
    "datetime": ["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.500000Z", "2025-01-01T00:00:00Z", None],
    "choice": ["s", "m", "l", None],
    "choices": [["s", "m"], ["m"], ["l"], None],
    "url": ["https://a.example", "https://b.example", "https://b.example/c", None],
    "email": ["ada@example.com", "bob@example.com", "eve@example.com", None],
}
"""Of tickets 0 to 3, in each of which every kind of field has a value, or none has."""


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "support:read", "support:write")


@pytest.fixture
def numbers(tenant: Tenant, other_tenant: Tenant) -> dict[str, int]:
    """The ticket's place in VALUES, by its identifier."""
    for owner in (other_tenant, tenant):
        with acting(domain="support", organization=owner.id):
            for kind in VALUES:
                make_definition(CustomField, "ticket", kind, key=kind)
            made = {
                str(
                    make_ticket(
                        custom_fields={k: v[place] for k, v in VALUES.items() if v[place] is not None}
                    ).pk
                ): place
                for place in range(4)
            }
    return made


def found(caller: ApiCaller, numbers: dict[str, int], query: str) -> list[int]:
    answer = caller.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.content
    return [numbers[row["id"]] for row in answer.json()["results"]]


FILTERS: list[tuple[str, str, set[int]]] = [
    ("text", "BLUE", {0}),
    ("text__prefix", "Blu", {0, 1}),
    ("text__isnull", "true", {3}),
    ("text__isnull", "false", {0, 1, 2}),
    ("number", "9.50", {1}),
    ("number__gte", "9.5", {0, 1}),
    ("number__gt", "9.5", {0}),
    ("number__lt", "9.5", {2}),
    ("number__lte", "-3", {2}),
    ("integer", "-3", {2}),
    ("integer__gte", "9", {0, 1}),
    ("boolean", "true", {0, 2}),
    ("boolean", "false", {1}),
    ("date__gte", "2026-02-28", {0, 1}),
    ("date__lt", "2026-02-28", {2}),
    ("datetime", "2026-03-01T01:00:00+01:00", {0}),
    ("datetime__gt", "2026-03-01T00:00:00Z", {1}),
    ("choice", "s", {0}),
    ("choice", "s,m", {0, 1}),
    ("choices", "m", {0, 1}),
    ("choices", "s,l", {0, 2}),
    ("url__prefix", "https://b.example", {1, 2}),
    ("email", "Bob@Example.com", {1}),
]


@pytest.mark.parametrize(("name", "value", "expected"), FILTERS)
def test_filters(caller: ApiCaller, numbers: Any, name: str, value: str, expected: set[int]) -> None:
    query = f"custom_fields.{name}={quote(value)}"
    assert set(found(caller, numbers, query)) == expected
    counted = caller.get(f"{URL}?{query}&count=exact&limit=1").json()
    assert counted["count"] == {"value": len(expected), "kind": "exact"}


def test_filters_add_up(caller: ApiCaller, numbers: Any) -> None:
    query = "custom_fields.number__gte=9&custom_fields.number__lt=10&custom_fields.choices=m&status=new"
    assert found(caller, numbers, query) == [1]
    assert found(caller, numbers, query.replace("new", "closed")) == []


ORDERS = [
    ("text", [0, 1, 2]),
    ("number", [2, 1, 0]),
    ("integer", [2, 1, 0]),
    ("date", [2, 1, 0]),
    ("datetime", [2, 0, 1]),
    ("choice", [2, 1, 0]),
]


@pytest.mark.parametrize(("key", "expected"), ORDERS)
def test_orders_have_what_has_no_value_last(
    caller: ApiCaller, numbers: Any, key: str, expected: list[int]
) -> None:
    assert found(caller, numbers, f"ordering=custom_fields.{key}") == [*expected, 3]
    assert found(caller, numbers, f"ordering=-custom_fields.{key}") == [*expected[::-1], 3]


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_there_and_back(tenant: Tenant, caller: ApiCaller, sign: str, limit: int) -> None:
    with acting(domain="support", organization=tenant.id):
        make_definition(CustomField, "ticket", "integer", key="size")
        for size in (3, None, 1, None, 2, 2, None):
            make_ticket(custom_fields={} if size is None else {"size": size})
    address = f"{URL}?ordering={sign}custom_fields.size"
    whole = [row["id"] for row in caller.get(address).json()["results"]]
    assert len(set(whole)) == 7
    pages, following = [], f"{address}&limit={limit}"
    while following:
        page = caller.get(following).json()
        pages.append([row["id"] for row in page["results"]])
        previous, following = page["previous"], page["next"]
    assert [id for page in pages for id in page] == whole
    back = [pages[-1]]
    while previous:
        page = caller.get(previous).json()
        back.insert(0, [row["id"] for row in page["results"]])
        previous = page["previous"]
    assert [id for page in back for id in page] == whole


@pytest.mark.parametrize("query", ["custom_fields.size=1", "custom_fields.size=1&custom_fields.size__lt=2"])
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_pages_of_a_filtered_list_there_and_back(
    tenant: Tenant, caller: ApiCaller, query: str, limit: int
) -> None:
    with acting(domain="support", organization=tenant.id):
        make_definition(CustomField, "ticket", "integer", key="size")
        tickets = [make_ticket(custom_fields={"size": size}) for size in (1, 2, 1, 1, 3, 1, 1)]
        tickets[2].soft_delete()
    whole = [str(ticket.pk) for ticket in reversed(tickets) if ticket.custom_fields["size"] == 1]
    whole.remove(str(tickets[2].pk))
    following: Any = f"{URL}?{query}&limit={limit}"
    pages = []
    while following:
        page = caller.get(following).json()
        pages.append([row["id"] for row in page["results"]])
        previous, following = page["previous"], page["next"]
    assert [id for page in pages for id in page] == whole
    back = [pages[-1]]
    while previous:
        page = caller.get(previous).json()
        back.insert(0, [row["id"] for row in page["results"]])
        previous = page["previous"]
    assert [id for page in back for id in page] == whole


def test_an_order_goes_with_filters_and_fields(caller: ApiCaller, numbers: Any) -> None:
    query = "ordering=-custom_fields.number&custom_fields.boolean=true&fields=id"
    assert found(caller, numbers, query) == [0, 2]


BAD = [
    ("custom_fields.integer=many", "whole number"),
    ("custom_fields.integer=", "Send a value"),
    ("custom_fields.integer__gte=1.5", "whole number"),
    ("custom_fields.integer=" + "9" * 200, "whole number"),
    ("custom_fields.number=NaN", "number"),
    ("custom_fields.boolean=yes", "true or false"),
    ("custom_fields.date__lt=soon", "date"),
    ("custom_fields.datetime=2026-01-01T00:00:00", "offset"),
    ("custom_fields.choice=xl", "Choose one of"),
    ("custom_fields.choices=s,xl", "some of"),
    ("custom_fields.choice=" + ",".join(["s"] * 51), "at most 50"),
    ("custom_fields.text__isnull=maybe", "true or false"),
    ("custom_fields.text__gte=a", "custom_fields.text__prefix"),
    ("custom_fields.text__prefix=" + "a" * 101, "at most 100"),
    ("custom_fields.text__prefix=%20", "beginning"),
    ("custom_fields.choice__in=s", "custom_fields.choice__isnull"),
    ("custom_fields.colour=red", "custom_fields.text"),
    ("custom_fields.=red", "no such custom field"),
    ("custom_fields.text=a&custom_fields.text=b", "once"),
    ("custom_fields.text=%00", "NUL"),
    ("ordering=custom_fields.colour", "custom_fields.number"),
    ("ordering=custom_fields.choices", "custom_fields.number"),
    ("ordering=custom_fields.", "custom_fields.number"),
]


@pytest.mark.parametrize(("query", "said"), BAD)
def test_bad_parameters_are_named(caller: ApiCaller, numbers: Any, query: str, said: str) -> None:
    problem = assert_problem(caller.get(f"{URL}?{query}"), 400)
    assert problem["errors"][0]["parameter"] == query.partition("=")[0]
    assert said in problem["errors"][0]["detail"]


def test_a_cursor_is_of_its_order(caller: ApiCaller, numbers: Any) -> None:
    cursor = caller.get(f"{URL}?ordering=custom_fields.number&limit=1").json()["next"].partition("cursor=")[2]
    for order in ("custom_fields.integer", "-custom_fields.number", "-created_at"):
        problem = assert_problem(caller.get(f"{URL}?ordering={order}&cursor={cursor}"), 400)
        assert problem["errors"][0]["parameter"] == "cursor"


def test_a_key_neither_finds_nor_sorts_by_what_staff_keep(tenant: Tenant, caller: ApiCaller) -> None:
    with acting(domain="support", organization=tenant.id):
        make_definition(CustomField, "ticket", key="secret", visibility="staff")
        make_ticket(custom_fields={"secret": "s"})
    client = staff_client(tenant, role="user")
    for query in ("custom_fields.secret=s", "ordering=custom_fields.secret"):
        assert "secret" not in str(assert_problem(caller.get(f"{URL}?{query}"), 400)["errors"][0]["detail"])
        answer = client.get(f"{URL}?{query}", headers={"accept": "application/json"})
        assert len(answer.json()["results"]) == 1


def test_lists_of_the_past_are_found_and_sorted_as_they_were(
    tenant: Tenant, caller: ApiCaller, numbers: dict[str, int]
) -> None:
    at = database_time()
    with acting(domain="support", organization=tenant.id):
        first = Ticket.objects.order_by("created_at")[0]
        Ticket.objects.exclude(pk=first.pk).update(custom_fields={"text": "Blue", "number": "1"})
        first.soft_delete()
        make_ticket(custom_fields={"text": "red"})
    for name, value, expected in FILTERS:
        query = f"custom_fields.{name}={quote(value)}&as_of={at}"
        assert set(found(caller, numbers, query)) == expected, query
        counted = caller.get(f"{URL}?{query}&count=exact&limit=1").json()
        assert counted["count"] == {"value": len(expected), "kind": "exact"}, query
    for key, order in ORDERS:
        assert found(caller, numbers, f"ordering=custom_fields.{key}&as_of={at}") == [*order, 3], key
        assert found(caller, numbers, f"ordering=-custom_fields.{key}&as_of={at}") == [*order[::-1], 3], key
    both = f"ordering=-custom_fields.number&custom_fields.boolean=true&fields=id&as_of={at}"
    assert found(caller, numbers, both) == [0, 2]


def test_pages_of_the_past_there_and_back(tenant: Tenant, caller: ApiCaller, numbers: dict[str, int]) -> None:
    address = f"{URL}?ordering=-custom_fields.number&as_of={database_time()}"
    whole = caller.get(address).json()["results"]
    with acting(domain="support", organization=tenant.id):
        Ticket.objects.update(custom_fields={})
    pages, following = [], f"{address}&limit=1"
    while following:
        page = caller.get(following).json()
        pages.append(page["results"])
        previous, following = page["previous"], page["next"]
    assert [row for page in pages for row in page] == whole
    assert caller.get(previous).json()["results"] == pages[-2]


def test_records_without_custom_fields_know_no_such_parameter(caller: ApiCaller) -> None:
    for query in ("custom_fields.size=1", "ordering=custom_fields.size"):
        assert_problem(caller.get(f"/api/support/customer-references?{query}"), 400)
