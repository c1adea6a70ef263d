"""CDNOW's master file: what is loaded, what is refused, and that a second run changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platform_core.models import CustomerInteraction, CustomerProfile
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.conftest import make_tenant
from tests.platform_core.imports.files import cdnow, counts, fingerprint, run


def test_two_equal_purchases_on_a_day_are_two_purchases(tenant: Tenant, tmp_path: Path) -> None:
    line = " 00001 19970101  1   11.77"
    path = cdnow(tmp_path / "master.txt", line, line, " 00002 19970112  5   77.00")
    summary = run(path, tenant)
    assert (summary.loaded.customers, summary.loaded.interactions, summary.bad_rows) == (2, 3, 0)
    again = run(path, tenant)
    assert (again.loaded.customers, again.loaded.interactions, again.profiles) == (0, 0, 0)
    assert again.loaded.known_interactions == 3
    assert counts(tenant) == (2, 3)


def test_a_longer_file_adds_what_is_new(tenant: Tenant, tmp_path: Path) -> None:
    line = " 00001 19970101  1   11.77"
    run(cdnow(tmp_path / "a.txt", line), tenant)
    summary = run(cdnow(tmp_path / "b.txt", line, " 00001 19970301  1   11.77", line), tenant)
    assert (summary.loaded.customers, summary.loaded.interactions) == (0, 2)


def test_profiles_are_computed(tenant: Tenant, tmp_path: Path) -> None:
    run(
        cdnow(
            tmp_path / "master.txt",
            " 00001 19970101  1   10.00",
            " 00001 19970401  2   20.50",
            " 00002 19970411  1   12.00",
        ),
        tenant,
    )
    with acting(domain="platform", organization=tenant.id):
        profile = CustomerProfile.objects.get(customer__identifiers__value="cdnow:00001")
        assert (profile.recency, profile.frequency, str(profile.monetary_value)) == (10, 2, "30.50")
        assert (profile.interaction_count, profile.currency) == (2, "USD")
        assert profile.last_interaction_at.date().isoformat() == "1997-04-01"  # type: ignore[union-attr]
        assert profile.archetype_l2.code == "repeat-active"  # type: ignore[union-attr]
        purchase = CustomerInteraction.objects.order_by("occurred_at").first()
        assert purchase is not None
        assert (str(purchase.amount), purchase.metadata) == ("10.00", {"number_of_cds": 1})


BAD = {
    " 00001 19970230  1   11.77": "date",
    " 00001 1997-1-1  1   11.77": "date",
    " 00001 00000101  1   11.77": "date",
    " 00001 99990101  1   11.77": "future",
    " 00001 19970101  1   NaN": "amount",
    " 00001 19970101  1   1e5": "amount",
    " 00001 19970101  1   -3.00": "negative",
    " 00001 19970101  1   1.999": "amount",
    " 00001 19970101  -1  11.77": "number of CDs",
    " 00001 19970101  1.5  11.77": "number of CDs",
    " 19970101  1   11.77": "3 columns",
    " 00001 19970101  1   11.77  9": "5 columns",
    " abc 19970101  1   11.77": "customer id",
    " ٣٣ 19970101  1   11.77": "customer id",
    b" 0000\xff 19970101  1   11.77\r\n": "UTF-8",
    b" 00001 19970101  1   11.\x0077\r\n": "NUL",
}


def test_bad_rows_are_reported_and_not_loaded(tenant: Tenant, tmp_path: Path) -> None:
    good = " 00001 19970101  1   11.77"
    path = cdnow(tmp_path / "master.txt", good, *BAD, good)
    summary = run(path, tenant, batch_size=3)
    assert (summary.loaded.rows, summary.bad_rows) == (2, len(BAD))
    assert counts(tenant) == (1, 2)
    reported = [json.loads(line) for line in path.with_suffix(".errors.jsonl").read_text().splitlines()]
    assert [row["line"] for row in reported] == list(range(3, 3 + len(BAD)))
    for row, reason in zip(reported, BAD.values(), strict=True):
        assert reason in row["reason"], row


def test_a_dry_run_says_the_same_and_changes_nothing(tenant: Tenant, tmp_path: Path) -> None:
    path = cdnow(tmp_path / "m.txt", *(f" {n:05} 19970101  1   11.77" for n in range(7) for _ in range(2)))
    before = fingerprint(tenant)
    planned = run(path, tenant, dry_run=True, batch_size=4).loaded
    assert fingerprint(tenant) == before
    assert run(path, tenant, batch_size=4).loaded == planned
    assert run(path, tenant, dry_run=True).loaded.known_interactions == 14


rows = st.lists(
    st.builds(
        lambda customer, day, count, cents: f" {customer:05} 199701{day:02} {count} {cents / 100:.2f}",
        st.integers(1, 6),
        st.integers(1, 4),
        st.integers(-1, 2),
        st.sampled_from([0, 999, 1177]),
    ),
    max_size=30,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=rows, first=st.integers(1, 40), second=st.integers(1, 40), shuffled=st.randoms())
@pytest.mark.django_db
def test_any_second_run_changes_nothing(
    lines: list[str], first: int, second: int, shuffled: object, tmp_path: Path
) -> None:
    """Whatever the rows, their order and the size of the batches."""
    tenant = make_tenant("Twice")
    path = cdnow(tmp_path / f"{uuid7()}.txt", *lines)
    summary = run(path, tenant, batch_size=first)
    good = [line for line in lines if not line.split()[2].startswith(("-", "0"))]
    assert counts(tenant) == (len({line.split()[0] for line in good}), len(good))
    assert summary.bad_rows == len(lines) - len(good)
    before = fingerprint(tenant)
    run(path, tenant, batch_size=second)
    assert fingerprint(tenant) == before
    shuffled.shuffle(lines)  # type: ignore[attr-defined]
    run(cdnow(tmp_path / f"{uuid7()}.txt", *lines), tenant, batch_size=second)
    after = fingerprint(tenant)
    assert {name: after[name] for name in after if name != "import_batches"} == {
        name: before[name] for name in before if name != "import_batches"
    }
