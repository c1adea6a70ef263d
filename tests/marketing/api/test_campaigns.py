"""The states of a campaign, and rules of segments, by API."""

from __future__ import annotations

import pytest

from shared.tenancy.models import Tenant
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller

PREMIUM = {"field": "tier", "op": "eq", "value": "premium"}


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "marketing:read", "marketing:write")


def test_a_campaign_goes_its_way_and_no_other(caller: ApiCaller) -> None:
    segment = caller.post("/api/marketing/segments", {"name": "Best", "rules": PREMIUM}).json()
    body = {"name": "Spring", "segment_id": segment["id"], "subject": "Hello", "content": "Hi"}
    campaign = caller.post("/api/marketing/campaigns", body).json()
    assert campaign["status"] == "draft"
    act = f"/api/marketing/campaigns/{campaign['id']}/status"
    problem = assert_problem(caller.post(act, {"status": "sending"}), 409)
    assert problem["allowed"] == ["approved", "archived"]
    assert "approved or archived" in problem["detail"]
    assert caller.post(act, {"status": "approved"}).json()["approved_by"] == "Test service"
    assert_problem(caller.post(act, {"status": "scheduled"}), 400)
    scheduled = caller.post(act, {"status": "scheduled", "scheduled_at": "2099-01-01T09:00:00Z"}).json()
    assert scheduled["status"] == "scheduled"
    frozen = caller.patch(f"/api/marketing/campaigns/{campaign['id']}", {"subject": "Other"})
    assert [e["field"] for e in assert_problem(frozen, 409)["errors"]] == ["subject"]
    for bad in ({"status": "flying"}, {"status": None}, {}, {"status": "sent", "extra": 1}):
        assert_problem(caller.post(act, bad), 400)


def test_rules_are_refused_by_their_place_and_versions_are_kept(caller: ApiCaller) -> None:
    url = "/api/marketing/segments"
    problem = assert_problem(caller.post(url, {"name": "Bad", "rules": {"all": [{"field": "tier"}]}}), 400)
    assert problem["errors"][0]["field"] == "rules"
    assert "rules.all[0]" in problem["errors"][0]["detail"]
    segment = caller.post(url, {"name": "Best", "rules": PREMIUM}).json()
    changed = caller.patch(f"{url}/{segment['id']}", {"rules": {"not": PREMIUM}}).json()
    assert changed["rules_version"] == 2
    shown = caller.get(f"{url}/{segment['id']}?expand=versions").json()
    assert [v["number"] for v in shown["versions"]] == [2, 1]
    twice = assert_problem(caller.post(url, {"name": "BEST", "rules": PREMIUM}), 409)
    assert [e["field"] for e in twice["errors"]] == ["name"]
