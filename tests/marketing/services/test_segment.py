"""Segments and their rules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from marketing.models import Segment
from marketing.rules import MAX_DEPTH, find_rule_errors
from marketing.selectors.segment import versions_of_segment
from marketing.services.segment import create_segment, delete_segment, update_segment
from shared.errors import Conflict, InvalidInput
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.marketing.factories import PREMIUM, make_campaign, make_segment

GOOD: list[dict[str, Any]] = [
    PREMIUM,
    {"all": [PREMIUM, {"not": {"field": "profile.churn_risk", "op": "gte", "value": 0.5}}]},
    {"any": [{"field": "customer.preferred_language", "op": "in", "value": ["en", "de"]}]},
    {"field": "event.support_ticket_closed", "op": "within_days", "value": 30},
    {"field": "consent.newsletter", "op": "exists"},
]
BAD: list[tuple[Any, str]] = [
    ([], "JSON object"),
    ({}, "exactly one of"),
    ({"all": []}, "rules.all"),
    ({"all": [PREMIUM], "any": [PREMIUM]}, "exactly one of"),
    ({"all": [{"field": "tier"}]}, "rules.all[0]"),
    ({"any": [{"field": "password.hash", "op": "eq", "value": "x"}]}, "rules.any[0].field"),
    ({"field": "tier", "op": "like", "value": "x"}, "rules.op"),
    ({"field": "tier", "op": "in", "value": "premium"}, "rules.value"),
    ({"field": "tier", "op": "exists", "value": True}, "rules"),
    ({"field": "tier", "op": "eq", "value": {"a": 1}}, "rules.value"),
    ({"not": {"segment": "not-an-id"}}, "identifier"),
    ({"segment": str(uuid7()), "extra": 1}, "rules"),
]


@pytest.fixture
def _acting(tenant: Tenant) -> Iterator[None]:
    with acting(domain="marketing", organization=tenant.id):
        yield


@pytest.mark.parametrize("rules", GOOD)
def test_good_rules_have_no_errors(rules: dict[str, Any]) -> None:
    assert find_rule_errors(rules) == []


@pytest.mark.parametrize(("rules", "said"), BAD)
def test_bad_rules_are_named_by_their_place(rules: Any, said: str) -> None:
    (error,) = find_rule_errors(rules)
    assert said in error


def test_deep_and_large_rules_are_refused_without_recursion() -> None:
    deep: dict[str, Any] = PREMIUM
    for _ in range(50_000):
        deep = {"not": deep}
    assert f"{MAX_DEPTH} levels" in find_rule_errors(deep)[0]
    assert "too large" in find_rule_errors({"all": [PREMIUM] * 50_000})[0]


@pytest.mark.usefixtures("_acting")
def test_each_change_of_the_rules_makes_a_version() -> None:
    segment = make_segment()
    update_segment(segment=segment, description="Our best")
    assert segment.rules_version == 1
    update_segment(segment=segment, rules=GOOD[1])
    assert segment.rules_version == 2
    second, first = versions_of_segment(segment.pk)
    assert (second.number, second.rules) == (2, GOOD[1])
    assert (first.number, first.rules) == (1, {"all": [PREMIUM]})


@pytest.mark.usefixtures("_acting")
def test_references_to_segments_lead_somewhere_and_never_in_a_circle(other_tenant: Tenant) -> None:
    with acting(domain="marketing", organization=other_tenant.id):
        theirs = make_segment()
    for missing in (uuid7(), theirs.pk):
        with pytest.raises(InvalidInput) as refused:
            make_segment(rules={"segment": str(missing)})
        assert "no segment" in refused.value.errors["rules"][0]
    first = make_segment()
    second = make_segment(rules={"not": {"segment": str(first.pk)}})
    with pytest.raises(InvalidInput) as refused:
        update_segment(segment=first, rules={"any": [PREMIUM, {"segment": str(second.pk)}]})
    assert "itself" in refused.value.errors["rules"][0]
    first.refresh_from_db()
    assert first.rules_version == 1


@pytest.mark.usefixtures("_acting")
def test_a_segment_in_use_stays() -> None:
    first = make_segment()
    make_segment(name="On top", rules={"segment": str(first.pk)})
    with pytest.raises(Conflict, match="On top"):
        delete_segment(segment=first)
    used = make_segment()
    make_campaign(name="Spring", segment_id=used.pk)
    with pytest.raises(Conflict, match="Spring"):
        delete_segment(segment=used)


@pytest.mark.usefixtures("_acting")
def test_bad_rules_write_nothing() -> None:
    with pytest.raises(InvalidInput):
        create_segment(name="Bad", rules={"all": []})
    assert not Segment.objects.exists()
