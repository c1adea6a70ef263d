"""What every endpoint promises; a test class per view set inherits it.

::

    class TestTickets(ApiWriteContract):
        domain = "support"
        url = "/api/support/tickets"

        def make(self, tenant):                       # a new row each time, inside a unit of the domain
            return TicketFactory.make()

        def valid(self, tenant):                      # a body that creates; inside a unit of the domain
            return {"subject": "Help", "customer_id": str(make_reference().id)}

        changes = {"subject": "Changed"}
        text_field = "subject"                        # a text of the body, where hostile texts go

An endpoint that only reads inherits ApiReadContract.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import unquote

import orjson
import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.hostile import BODIES, HOSTILE_TEXTS, LIST_QUERIES
from tests.bases.past import PastReads, UndoneWrites
from tests.bases.values import RefusedValues, assert_problem


class ApiReadContract(PastReads):
    """Reads of an endpoint: credentials, scopes, tenants, pages, constant queries, bad parameters."""

    domain: ClassVar[str]
    url: ClassVar[str]

    def make(self, tenant: Tenant) -> Any:
        """Create and return a new row of the tenant; called inside a unit of the domain."""
        raise NotImplementedError(f"{type(self).__name__} must say how to make a row.")

    # --- who asks ----------------------------------------------------------------------------------------------------

    def made(self, tenant: Tenant) -> Any:
        """A new row of the tenant."""
        with acting(domain=self.domain, organization=tenant.id):
            return self.make(tenant)

    def address(self, row: Any) -> str:
        """The address of one row."""
        return f"{self.url}/{row.pk}"

    @pytest.fixture
    def caller(self, tenant: Tenant) -> ApiCaller:
        return make_caller(tenant, f"{self.domain}:read", f"{self.domain}:write")

    @pytest.fixture
    def stranger(self, other_tenant: Tenant) -> ApiCaller:
        return make_caller(other_tenant, f"{self.domain}:read", f"{self.domain}:write")

    def test_without_a_key_401(self, tenant: Tenant) -> None:
        row = self.made(tenant)
        for address in (self.url, self.address(row)):
            answer = Client().get(address)
            assert_problem(answer, 401)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    def test_without_the_scope_403(self, tenant: Tenant) -> None:
        row = self.made(tenant)
        other = "crm" if self.domain != "crm" else "support"
        for scopes in ((), (f"{self.domain}:write",), (f"{other}:read",)):
            caller = make_caller(tenant, *scopes)
            for address in (self.url, self.address(row)):
                assert assert_problem(caller.get(address), 403)["scope"] == f"{self.domain}:read"

    def test_another_tenants_row_is_404_though_it_is_there(
        self, tenant: Tenant, other_tenant: Tenant, caller: ApiCaller, stranger: ApiCaller
    ) -> None:
        own, foreign = self.made(tenant), self.made(other_tenant)
        assert stranger.get(self.address(foreign)).status_code == 200
        assert_problem(caller.get(self.address(foreign)), 404)
        listed = {row["id"] for row in caller.get(f"{self.url}?limit=200").json()["results"]}
        assert str(own.pk) in listed
        assert str(foreign.pk) not in listed

    def test_what_is_not_there_is_404(self, caller: ApiCaller) -> None:
        for name in (uuid.uuid4(), "x", "0" * 36, "%00", "..%2f", "1" * 5000):
            assert_problem(caller.get(f"{self.url}/{name}"), 404)

    # --- lists -------------------------------------------------------------------------------------------------------

    def test_the_number_of_queries_does_not_grow_with_the_rows(
        self, tenant: Tenant, caller: ApiCaller
    ) -> None:
        addresses = [self.url, *self._expanded()]
        self.made(tenant)
        for address in addresses:
            assert caller.get(address).status_code == 200  # anything that is prepared once is prepared now
        few = [self._queries(caller, address) for address in addresses]
        self.made(tenant)
        self.made(tenant)
        assert [self._queries(caller, address) for address in addresses] == few

    def _queries(self, caller: ApiCaller, address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert caller.get(address).status_code == 200
        return len(captured)

    def _expanded(self) -> list[str]:
        return [f"{self.url}?expand={name}" for name in getattr(self.view(), "expandable", {})]

    def view(self) -> Any:
        """The view set behind the address."""
        from django.urls import resolve

        return resolve(self.url).func.cls

    def test_pages_show_every_row_once(self, tenant: Tenant, caller: ApiCaller) -> None:
        for _ in range(3):
            self.made(tenant)
        everything = [row["id"] for row in caller.get(f"{self.url}?limit=200").json()["results"]]
        for name in self.view().order_plan():
            seen: list[str] = []
            address: str | None = f"{self.url}?limit=2&ordering={name}"
            while address:
                page = caller.get(address).json()
                seen += [row["id"] for row in page["results"]]
                address = page["next"]
            assert sorted(seen) == sorted(everything), name

    def test_fields_limit_an_answer(self, tenant: Tenant, caller: ApiCaller) -> None:
        row = self.made(tenant)
        assert caller.get(f"{self.address(row)}?fields=id").json() == {"id": str(row.pk)}
        assert {"id": str(row.pk)} in caller.get(f"{self.url}?fields=id&limit=200").json()["results"]

    def test_lists_are_read_without_model_instances(self) -> None:
        from shared.api.query import Shape
        from shared.api.reading import reader_for

        reader = reader_for(self.view().serializer_class, Shape().fields)
        assert reader.computed == (), (
            "computed fields make a list slow; say so in a decision and override this test"
        )

    def test_bad_parameters_are_named(self, tenant: Tenant, caller: ApiCaller) -> None:
        self.made(tenant)
        for query in (*LIST_QUERIES, *self._bad_filters()):
            name = unquote(query.partition("=")[0])
            problem = assert_problem(caller.get(f"{self.url}?{query}"), 400)
            assert name in {e.get("parameter") for e in problem["errors"]}, (query, problem)

    def _bad_filters(self) -> list[str]:
        found = []
        for name, field in self.view().filter_plan().fields.items():
            found.append(f"{name}=a%00b")
            if "Char" not in type(field).__name__ and "char" not in str(type(field)).lower():
                found += [f"{name}=%F0%9F%98%80", f"{name}=NaN", f"{name}=" + "9" * 5000]
        return found

    def test_an_unchanged_row_answers_304(self, tenant: Tenant, caller: ApiCaller) -> None:
        row = self.made(tenant)
        first = caller.get(self.address(row))
        if "ETag" not in first.headers:
            pytest.skip("these rows have no version")
        again = caller.get(self.address(row), if_none_match=first.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")

    def test_wishes_that_cannot_be_met(self, tenant: Tenant, caller: ApiCaller) -> None:
        row = self.made(tenant)
        assert_problem(caller.get(self.url, accept="text/csv"), 406)
        assert_problem(caller.request("PUT", self.address(row), {}), 405)
        assert_problem(caller.request("DELETE", self.url), 405)

    def test_a_method_without_a_service_is_405(self, tenant: Tenant, caller: ApiCaller) -> None:
        row = self.made(tenant)
        for method, name, address in (
            ("POST", "create_service", self.url),
            ("PATCH", "update_service", self.address(row)),
            ("DELETE", "delete_service", self.address(row)),
        ):
            if getattr(self.view(), name, None) is None:
                assert_problem(caller.request(method, address, {}), 405)


class ApiWriteContract(RefusedValues, UndoneWrites, ApiReadContract):
    """Writes of an endpoint: bad input changes nothing, versions, idempotency keys, other tenants."""

    changes: ClassVar[dict[str, Any]]
    text_field: ClassVar[str]
    update_sends: ClassVar[bool] = True
    """Whether the changes can be seen in the answer under the same names."""

    def valid(self, tenant: Tenant) -> dict[str, Any]:
        """A body that creates a row; called inside a unit of the domain."""
        raise NotImplementedError(f"{type(self).__name__} must give a body that creates a row.")

    def body(self, tenant: Tenant) -> dict[str, Any]:
        with acting(domain=self.domain, organization=tenant.id):
            return self.valid(tenant)

    def rows(self, tenant: Tenant) -> int:
        """How many rows the tenant has, deleted ones too."""
        with acting(domain=self.domain, organization=tenant.id):
            return int(self.view().model._base_manager.filter(organization_id=tenant.id).count())

    def may(self, service: str) -> bool:
        return getattr(self.view(), service, None) is not None

    def test_a_valid_body_creates_one_row(self, tenant: Tenant, caller: ApiCaller) -> None:
        if not self.may("create_service"):
            pytest.skip("no create")
        body = self.body(tenant)
        before = self.rows(tenant)
        answer = caller.post(self.url, body)
        assert answer.status_code == 201, answer.content
        assert answer.headers["Location"].startswith("http")
        assert caller.get(answer.headers["Location"]).status_code == 200
        assert self.rows(tenant) == before + 1

    def test_writing_needs_the_scope(self, tenant: Tenant) -> None:
        row, body = self.made(tenant), self.body(tenant)
        before = self.rows(tenant)
        reader = make_caller(tenant, f"{self.domain}:read")
        for method, address, service in self._writes(row):
            if self.may(service):
                problem = assert_problem(reader.request(method, address, body), 403)
                assert problem["scope"] == f"{self.domain}:write"
                assert_problem(Client().generic(method, address, b"{}", "application/json"), 401)
        assert self.rows(tenant) == before

    def _writes(self, row: Any) -> list[tuple[str, str, str]]:
        return [
            ("POST", self.url, "create_service"),
            ("PATCH", self.address(row), "update_service"),
            ("DELETE", self.address(row), "delete_service"),
        ]

    def test_another_tenants_row_cannot_be_changed(
        self, tenant: Tenant, other_tenant: Tenant, caller: ApiCaller, stranger: ApiCaller
    ) -> None:
        foreign = self.made(other_tenant)
        before = stranger.get(self.address(foreign)).json()
        if self.may("update_service"):
            assert_problem(caller.patch(self.address(foreign), self.changes), 404)
        if self.may("delete_service"):
            assert_problem(caller.delete(self.address(foreign)), 404)
        assert stranger.get(self.address(foreign)).json() == before

    def test_another_tenants_identifier_in_a_body_is_named(
        self, tenant: Tenant, other_tenant: Tenant, caller: ApiCaller
    ) -> None:
        serializer = getattr(self.view(), "create_serializer", None)
        if serializer is None:
            pytest.skip("no create")
        body, foreign = self.body(tenant), self.body(other_tenant)
        before = self.rows(tenant)
        from shared.api.fields import ReferenceField

        for name, field in serializer().fields.items():
            if not isinstance(field, ReferenceField) or field.read_only:
                continue
            for value in (str(uuid.uuid4()), foreign.get(name)):
                if value is not None:
                    problem = assert_problem(caller.post(self.url, {**body, name: value}), 400)
                    assert name in {e.get("field") for e in problem["errors"]}, problem
            for value in ("x", 1, [], {}, "0" * 36):
                problem = assert_problem(caller.post(self.url, {**body, name: value}), 400)
                assert name in {e.get("field", "").split(".")[0] for e in problem["errors"]}, problem
        assert self.rows(tenant) == before

    def test_hostile_bodies_write_nothing(self, tenant: Tenant, caller: ApiCaller) -> None:
        row, body = self.made(tenant), self.body(tenant)
        before = self.rows(tenant)
        known = caller.get(self.address(row)).json()
        for method, address, service in self._writes(row)[:2]:
            if not self.may(service):
                continue
            for name, (raw, statuses) in BODIES.items():
                answer = caller.request(method, address, raw)
                assert answer.status_code in statuses, (method, name, answer.content[:500])
                if answer.status_code >= 400:
                    assert_problem(answer, answer.status_code)
            for media_type in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
                answer = caller.request(method, address, b"a=b", content_type=media_type)
                assert_problem(answer, 415)
            wrong = self._wrong_values(service)
            taken = {name: value for name, value in body.items() if name in wrong}  # not all can be changed
            for name, value in {**wrong, "no_such_field": 1}.items():
                problem = assert_problem(caller.request(method, address, {**taken, name: value}), 400)
                fields = {e.get("field", "").split(".")[0] for e in problem["errors"]}
                assert name in fields, (method, name, problem)
            for text in HOSTILE_TEXTS:
                raw = orjson.dumps({**taken, self.text_field: "@@"}).replace(b'"@@"', text)
                assert_problem(caller.request(method, address, raw), 400)
        assert self.rows(tenant) == before
        assert caller.get(self.address(row)).json() == known

    def _wrong_values(self, service: str) -> dict[str, Any]:
        """For each field of the body a value of a wrong type."""
        view = self.view()
        serializer = view.create_serializer
        if service == "update_service":
            serializer = view.update_serializer or view.create_serializer
        return {name: [{"wrong": None}] for name, f in serializer().fields.items() if not f.read_only}

    def test_a_change_needs_the_newest_version(self, tenant: Tenant, caller: ApiCaller) -> None:
        if not self.may("update_service"):
            pytest.skip("no update")
        row = self.made(tenant)
        first = caller.get(self.address(row)).headers["ETag"]
        answer = caller.patch(self.address(row), self.changes, if_match=first)
        assert answer.status_code == 200, answer.content
        if self.update_sends:
            assert {name: answer.json()[name] for name in self.changes} == self.changes
        assert answer.headers["ETag"] != first
        known = caller.get(self.address(row)).json()
        assert_problem(caller.patch(self.address(row), self.changes, if_match=first), 412)
        if self.may("delete_service"):
            assert_problem(caller.delete(self.address(row), if_match=first), 412)
        assert caller.get(self.address(row)).json() == known

    def test_a_deleted_row_is_gone(self, tenant: Tenant, caller: ApiCaller) -> None:
        if not self.may("delete_service"):
            pytest.skip("no delete")
        row = self.made(tenant)
        assert caller.delete(self.address(row)).status_code == 204
        assert_problem(caller.get(self.address(row)), 404)
        assert_problem(caller.delete(self.address(row)), 404)

    def test_a_repeated_post_has_one_effect(self, tenant: Tenant, caller: ApiCaller) -> None:
        if not self.may("create_service"):
            pytest.skip("no create")
        body = self.body(tenant)
        before = self.rows(tenant)
        refused = caller.post(self.url, {**body, "no_such_field": 1}, idempotency_key="k")
        assert_problem(refused, 400)
        first = caller.post(self.url, body, idempotency_key="k")
        again = caller.post(self.url, body, idempotency_key="k")
        assert (first.status_code, again.status_code) == (201, 201), first.content
        assert again.json() == first.json()
        assert again.headers["Idempotency-Replayed"] == "true"
        other = {**body, **{n: v for n, v in self.changes.items() if n in body}, self.text_field: "another"}
        assert_problem(caller.post(self.url, other, idempotency_key="k"), 422)
        assert self.rows(tenant) == before + 1

    def test_concurrent_repeats_have_one_effect(self, committed: Callable[[str], Tenant]) -> None:
        if not self.may("create_service"):
            pytest.skip("no create")
        tenant = committed("Concurrent")
        caller = make_caller(tenant, f"{self.domain}:read", f"{self.domain}:write")
        body = self.body(tenant)
        before = self.rows(tenant)
        answers: list[Any] = []

        def call() -> None:
            mine = ApiCaller(caller.tenant, caller.raw_key, caller.key_id)
            answers.append(mine.post(self.url, body, idempotency_key="race"))
            connections.close_all()

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [a.status_code for a in answers] == [201] * 4, [a.content for a in answers]
        assert len({a.content for a in answers}) == 1
        assert self.rows(tenant) == before + 1
