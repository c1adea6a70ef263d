"""CSV and JSON Lines, read as a mapping file says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from platform_core.imports.mapping import ImportRefused, parse_mapping, read_mapping
from platform_core.imports.reading import find_reader, inspect_file
from platform_core.models import Company, Customer, CustomerIdentifier, CustomerInteraction
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.platform_core import factories
from tests.platform_core.imports.files import fingerprint, run

PEOPLE = {
    "source": "crm",
    "region": "DE",
    "customer": {"email": "E-Mail", "name": ["First", "Last"], "phone": "Phone", "company": "Company"},
}
ORDERS = {
    "source": "shop",
    "customer": {"external_id": "customer", "email": "email"},
    "interaction": {
        "occurred_at": "at",
        "type": {"value": "purchase"},
        "amount": "total",
        "currency": {"value": "EUR"},
        "external_id": "order",
        "metadata": ["items"],
    },
}


def reasons(path: Path) -> list[str]:
    report = path.with_suffix(".errors.jsonl")
    return [json.loads(line)["reason"] for line in report.read_text().splitlines()] if report.exists() else []


def test_people_are_one_customer_per_email_in_any_case(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "\ufeffE-Mail,First,Last,Phone,Company\n"
        "Ada@Example.com,Ada,Lovelace,,Acme\n"
        'ada@example.com,,,030 123456,"ACME"\n'
        "bob@example.com,Bob,,,Umbrella\n"
        "old@example.com,New name,,030 123456,\n",
        encoding="utf-8",
    )
    with acting(domain="platform", organization=tenant.id):
        factories.make_customer(email="OLD@example.com", name="Old")
    for size in (1, 100):  # row by row, so that the second run meets other batches
        summary = run(path, tenant, mapping=PEOPLE, batch_size=size)
        if size == 1:
            assert (summary.loaded.customers, summary.bad_rows) == (2, 0)
            before = fingerprint(tenant)
    assert fingerprint(tenant) == before
    with acting(domain="platform", organization=tenant.id):
        ada = Customer.objects.get(email_norm="ada@example.com")
        assert (ada.name, ada.phone, ada.company.name) == ("Ada Lovelace", "+4930123456", "Acme")  # type: ignore[union-attr]
        old = Customer.objects.get(email_norm="old@example.com")
        assert (old.name, old.phone) == ("Old", "+4930123456"), "what a record says stays, gaps are filled"
        assert sorted(Company.objects.values_list("name", flat=True)) == ["Acme", "Umbrella"]


def test_orders_in_json_lines(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    orders = [
        {
            "customer": 7,
            "email": "ada@example.com",
            "at": "2024-05-01T10:00:00+02:00",
            "total": 12.5,
            "order": "A1",
        },
        {"customer": 7, "at": "2024-05-02", "total": "3.10", "order": "A2", "items": [{"sku": "x", "n": 2}]},
        {"customer": 7, "email": "ada@home.example", "at": "2024-05-02", "total": 1, "order": "A3"},
    ]
    path.write_text("".join(json.dumps(order) + "\n" for order in orders))
    for size in (1, 100):
        run(path, tenant, mapping=ORDERS, batch_size=size)
        assert reasons(path) == []
    with acting(domain="platform", organization=tenant.id):
        customer = Customer.objects.get()
        assert customer.email == "ada@example.com"
        known = CustomerIdentifier.objects.values_list("kind", "value")
        assert set(known) == {("external_id", "shop:7"), ("email", "ada@home.example")}
        bought = CustomerInteraction.objects.order_by("external_id")
        assert [(str(i.amount), i.occurred_at.hour) for i in bought] == [
            ("12.50", 8),
            ("3.10", 0),
            ("1.00", 0),
        ]
        assert bought[1].metadata == {"items": [{"sku": "x", "n": 2}]}


def test_a_row_that_names_two_customers_is_refused(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    rows = [
        {"customer": "1", "email": "one@example.com", "at": "2024-05-01"},
        {"customer": "2", "email": "two@example.com", "at": "2024-05-01"},
        {"customer": "2", "email": "one@example.com", "at": "2024-05-01"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for size in (1, 100):
        summary = run(path, tenant, mapping=ORDERS, batch_size=size)
        assert (summary.loaded.rows, summary.bad_rows) == (2, 1)
        assert "merge" in reasons(path)[0]


def test_bad_rows_of_a_csv(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(
        b"E-Mail,First,Last,Phone,Company\n"
        b"not an e-mail,A,,,\n"
        b",A,,,\n"
        b"a@example.com,A\n"
        b"b@example.com,\xff,,,\n"
        b"c@example.com,C\x00,,,\n"
        b"d@example.com,D,,12,\n"
        b'e@example.com,"E,,,\n'
        b'f@example.com,"F\nF",,,\n'
        b"g@example.com,G,,,\n"
    )
    summary = run(path, tenant, mapping=PEOPLE)
    assert summary.bad_rows == 7
    with acting(domain="platform", organization=tenant.id):
        found = set(Customer.objects.values_list("email", "name"))
    assert found == {("f@example.com", "F\nF"), ("g@example.com", "G")}
    words = ("e-mail", "names no customer", "columns", "UTF-8", "NUL", "phone", "CSV")
    for word, reason in zip(words, reasons(path), strict=True):
        assert word in reason


def test_bad_rows_of_json_lines(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "orders.jsonl"
    path.write_bytes(
        b'{"customer": "1", "at": "2024-05-01", "total": NaN}\n'
        b'{"customer": "1", "at": "2024-05-01", "total": 1e400}\n'
        b'{"customer": "1", "at": "2024-05-01", "items": 1e400}\n'
        b'{"customer": "1", "at": "0000-01-01"}\n'
        b'{"customer": "\\u0000", "at": "2024-05-01"}\n'
        b'{"customer": "\\ud800", "at": "2024-05-01"}\n'
        b"[1]\n"
        b"{\n" + b"[" * 20000 + b"\n"
        b'{"customer": {"x": 1}, "at": "2024-05-01"}\n'
        b'{"customer": "1"}\n'
        b'{"customer": "1", "at": "2024-05-01", "items": "\\\\u0000 is fine"}\n'
    )
    summary = run(path, tenant, mapping=ORDERS)
    assert (summary.loaded.rows, summary.bad_rows) == (1, 11), reasons(path)


@pytest.mark.parametrize(
    ("mapping", "word"),
    [
        ({}, "source"),
        ({"source": "x", "customer": {}}, "email or external_id"),
        ({"source": "x", "customer": {"mail": "E"}}, "'mail'"),
        ({"source": "x", "customer": {"email": 3}}, "customer.email"),
        ({"source": "x", "customer": {"email": "E"}, "interaction": {}}, "occurred_at"),
        ({"source": "x", "customer": {"email": "E"}, "timezone": "Mars"}, "timezone"),
        ({"source": "x", "customer": {"email": "E"}, "format": "xml"}, "csv or jsonl"),
        ({"source": "x", "customer": {"email": "E"}, "delimiter": "ab"}, "delimiter"),
        (
            {
                "source": "x",
                "customer": {"email": "E"},
                "interaction": {"occurred_at": "a", "type": "b", "amount": "c"},
            },
            "currency",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_in_one_sentence(mapping: dict[str, object], word: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        parse_mapping(mapping, data_path=Path("people.csv"))
    assert word in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "bad.toml").write_text("a =")
    (tmp_path / "people.csv").write_text("name\n")
    for act in (
        lambda: inspect_file(tmp_path / "missing.csv"),
        lambda: inspect_file(tmp_path),
        lambda: read_mapping(tmp_path / "missing.json", tmp_path / "a.csv"),
        lambda: read_mapping(tmp_path / "bad.json", tmp_path / "a.csv"),
        lambda: read_mapping(tmp_path / "bad.toml", tmp_path / "a.csv"),
        lambda: find_reader(tmp_path / "people.csv", None),
        lambda: list(
            find_reader(tmp_path / "people.csv", parse_mapping(PEOPLE, data_path=Path("a.csv"))).rows(
                tmp_path / "people.csv"
            )
        ),
    ):
        with pytest.raises(ImportRefused) as refused:
            act()
        assert str(refused.value).endswith(".") or str(refused.value).endswith(")")
