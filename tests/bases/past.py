"""What every read of an endpoint promises of the past; part of ApiReadContract."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import pytest
from django.db import connection

from shared.records import Record
from shared.session import acting
from shared.session.unit import looking_up
from shared.tenancy.models import Tenant
from tests.bases.callers import ApiCaller
from tests.bases.values import assert_problem


def database_time() -> str:
    """The server's clock, by which versions go, as a parameter."""
    with looking_up(), connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: str = cursor.fetchone()[0].astimezone(dt.UTC).isoformat()
    return moment.replace("+00:00", "Z")


class PastReads:
    """``?as_of=``, versions and differences."""

    domain: ClassVar[str]
    url: ClassVar[str]

    def made(self, tenant: Tenant) -> Any:
        raise NotImplementedError

    def address(self, row: Any) -> str:
        raise NotImplementedError

    def test_as_of_answers_with_what_was_known(self, tenant: Tenant, caller: ApiCaller) -> None:
        before = database_time()
        row = self.made(tenant)
        present = caller.get(self.address(row)).json()
        moment = database_time()
        self.made(tenant)
        for at, there in ((before, False), (moment, True)):
            listed = caller.get(f"{self.url}?limit=200&as_of={at}")
            assert listed.status_code == 200, listed.content
            assert (str(row.pk) in {r["id"] for r in listed.json()["results"]}) is there
            again = caller.get(f"{self.url}?limit=200&as_of={at}")  # by the kept statement
            assert again.json() == listed.json()
        assert caller.get(f"{self.address(row)}?as_of={moment}").json() == present
        problem = assert_problem(caller.get(f"{self.address(row)}?as_of={before}"), 404)
        assert before[:19] in problem["detail"]

    def test_moments_that_cannot_be_read_of_are_refused(self, tenant: Tenant, caller: ApiCaller) -> None:
        row = self.made(tenant)
        for value in (
            "",
            "yesterday",
            "2026-05-01T12:00:00",
            "2026-13-01T00:00:00Z",
            "2999-01-01T00:00:00Z",
            "1",
        ):
            for address in (self.url, self.address(row)):
                problem = assert_problem(caller.get(f"{address}?as_of={value}"), 400)
                assert problem["errors"][0]["parameter"] == "as_of", (value, problem)

    def test_versions_tell_what_changed(self, tenant: Tenant, caller: ApiCaller, stranger: ApiCaller) -> None:
        row = self.made(tenant)
        address = f"{self.address(row)}/versions"
        if not isinstance(row, Record):
            assert_problem(caller.get(address), 404)
            return
        moment = database_time()
        with acting(domain=self.domain, organization=tenant.id, reason="said so"):
            type(row)._base_manager.filter(pk=row.pk).update(updated_at=row.updated_at)
        page = caller.get(address).json()
        assert [v["version"] for v in page["results"]] == list(range(page["results"][0]["version"], 0, -1))
        assert page["results"][-1]["act"] == "created"
        assert (page["results"][0]["reason"], page["results"][0]["changes"]) == ("said so", {})
        first = caller.get(f"{address}?limit=1").json()
        rest = caller.get(first["next"]).json()
        assert first["results"] + rest["results"][:1] == page["results"][:2]
        assert caller.get(f"{self.address(row)}/diff?from={moment}").json() == {"changes": {}}
        assert_problem(stranger.get(address), 404)
        for bad in (
            "diff",
            f"diff?from={moment}&to=2001-01-01T00:00:00Z",
            "versions?before=x",
            "versions?limit=0",
        ):
            assert_problem(caller.get(f"{self.address(row)}/{bad}"), 400)


class UndoneWrites:
    """Undoing a change, and bringing a record back; part of ApiWriteContract."""

    def test_a_change_is_undone_unless_somebody_has_changed_the_same_since(
        self: Any, tenant: Tenant, caller: ApiCaller
    ) -> None:
        row = self.made(tenant)
        undo = f"{self.address(row)}/undo"
        if not isinstance(row, Record) or not row.undoable or self.view().update_service is None:
            assert caller.post(undo, {"version": 1}).status_code in (404, 405)
            return
        before = caller.get(self.address(row)).json()
        changed = caller.patch(self.address(row), self.changes).json()
        if changed["version"] != before["version"] + 1:
            pytest.skip("a change makes several versions here")
        assert_problem(caller.post(undo, {"version": 99}), 404)
        assert_problem(caller.post(undo, {"version": "x"}), 400)
        undone = caller.post(undo, {"version": changed["version"]})
        assert undone.status_code == 200, undone.content
        assert without_bookkeeping(undone.json()) == without_bookkeeping(before)
        last = caller.get(f"{self.address(row)}/versions?limit=1").json()["results"][0]
        assert last["reason"] == f"undo of version {changed['version']}"

    def test_a_deleted_record_comes_back(
        self, tenant: Tenant, caller: ApiCaller, stranger: ApiCaller
    ) -> None:
        row = self.made(tenant)
        view = self.view()
        if (
            not isinstance(row, Record)
            or not row.undoable
            or None in (view.update_service, view.delete_service)
        ):
            return
        before = caller.get(self.address(row)).json()
        assert caller.delete(self.address(row)).status_code == 204
        assert_problem(stranger.post(f"{self.address(row)}/restore", {}), 404)
        restored = caller.post(f"{self.address(row)}/restore", {})
        assert restored.status_code == 200, restored.content
        assert without_bookkeeping(restored.json()) == without_bookkeeping(before)
        assert caller.post(f"{self.address(row)}/restore", {"version": 1}).status_code == 200


def without_bookkeeping(answer: dict[str, Any]) -> dict[str, Any]:
    """What an answer says but for its version and times."""
    return {name: value for name, value in answer.items() if name not in ("version", "updated_at")}
