"""Values that an endpoint refuses, and how it says so; part of ApiWriteContract."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from django.db import models

from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller

PROBLEM = "application/problem+json"


def assert_problem(answer: Any, status: int) -> Any:
    """The answer is a complete problem document of this status; returns it."""
    assert answer.status_code == status, answer.content[:2000]
    assert answer.headers["Content-Type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    return problem


class RefusedValues:
    """``duplicate_field``: the field that is in error when a valid body is sent twice; "" where that is allowed."""

    duplicate_field: ClassVar[str] = ""
    text_field: ClassVar[str]
    url: ClassVar[str]
    view: Any
    rows: Any
    body: Any
    made: Any
    address: Any
    may: Any
    _writes: Any

    def test_a_text_that_shows_nothing_or_turns_its_line_is_refused(
        self, tenant: Tenant, caller: ApiCaller
    ) -> None:
        row, body = self.made(tenant), self.body(tenant)
        before = self.rows(tenant)
        known = caller.get(self.address(row)).json()
        is_line = not isinstance(self.view().model._meta.get_field(self.text_field), models.TextField)
        turned = ("Invoice \u202egnp.exe", "\u2066Ada") if is_line else ()
        for method, address, service in self._writes(row)[:2]:
            if not self.may(service):
                continue
            for text in ("\u202e", "\u200b", "\ufeff \u2060", "\u3164", *turned):
                sent = {**(body if method == "POST" else {}), self.text_field: text}
                problem = assert_problem(caller.request(method, address, sent), 400)
                assert [e["field"] for e in problem["errors"]] == [self.text_field], (method, text, problem)
        assert self.rows(tenant) == before
        assert caller.get(self.address(row)).json() == known

    def test_a_duplicate_names_its_field_and_what_exists(self, tenant: Tenant, caller: ApiCaller) -> None:
        if not self.duplicate_field:
            pytest.skip("nothing is unique")
        body = self.body(tenant)
        assert caller.post(self.url, body).status_code == 201
        before = self.rows(tenant)
        problem = assert_problem(caller.post(self.url, body), 409)
        assert [e["field"] for e in problem["errors"]] == [self.duplicate_field]
        assert "already" in problem["detail"]
        assert problem["detail"] != "There is already a record with this value."
        assert self.rows(tenant) == before
