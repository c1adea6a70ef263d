"""Custom fields of customers from a file: checked as they are defined, filled as other gaps are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from platform_core.imports.mapping import ImportRefused, parse_mapping
from platform_core.imports.running import CustomerImport
from platform_core.models import Customer, CustomField, CustomFieldTerm, CustomFieldValue
from shared.records.custom_fields.services import update_custom_field
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.custom_fields import make_definition
from tests.platform_core import factories
from tests.platform_core.imports.files import cdnow, fingerprint, run

COLUMNS = {
    "a_text": "Text",
    "a_number": "Number",
    "a_integer": "Integer",
    "a_boolean": "Boolean",
    "a_date": "Date",
    "a_datetime": "Datetime",
    "a_choice": "Choice",
    "a_choices": "Choices",
    "a_url": "Url",
    "a_email": "Email",
}
MAPPING: dict[str, Any] = {"source": "crm", "customer": {"email": "E-Mail", "custom_fields": COLUMNS}}
HEADER = ["E-Mail", *COLUMNS.values()]
TYPED = [
    "Two words",
    "12.50",
    "7",
    "yes",
    "2026-12-31",
    "2026-12-31T18:00:00Z",
    "m",
    "l; s",
    "https://a.example",
    "a@b.de",
]
STORED = {
    "a_text": "Two words",
    "a_number": "12.5",
    "a_integer": 7,
    "a_boolean": True,
    "a_date": "2026-12-31",
    "a_datetime": "2026-12-31T18:00:00Z",
    "a_choice": "m",
    "a_choices": ["s", "l"],
    "a_url": "https://a.example",
    "a_email": "a@b.de",
}


@pytest.fixture(autouse=True)
def _fields(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        for key in COLUMNS:
            make_definition(CustomField, "customer", key.removeprefix("a_"), key=key)


def define(tenant: Tenant, **values: Any) -> Any:
    with acting(domain="platform", organization=tenant.id):
        return make_definition(CustomField, "customer", **values)


def written(path: Path, *rows: list[str]) -> Path:
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in (HEADER, *rows)))
    return path


def blank(email: str, **cells: str) -> list[str]:
    return [email, *(cells.get(name, "") for name in COLUMNS.values())]


def stored(tenant: Tenant) -> dict[str, Any]:
    with acting(domain="platform", organization=tenant.id):
        return dict(Customer.objects.values_list("email", "custom_fields"))


def reasons(path: Path) -> list[str]:
    return [json.loads(line)["reason"] for line in path.with_suffix(".errors.jsonl").read_text().splitlines()]


def test_every_type_is_read_and_a_second_run_changes_nothing(tenant: Tenant, tmp_path: Path) -> None:
    path = written(tmp_path / "people.csv", ["ada@example.com", *TYPED], blank("bob@example.com"))
    for _ in range(2):
        summary = run(path, tenant, mapping=MAPPING)
        assert (summary.loaded.rows, summary.bad_rows) == (2, 0)
        assert stored(tenant) == {"ada@example.com": STORED, "bob@example.com": {}}
    before = fingerprint(tenant)
    run(path, tenant, mapping={**MAPPING, "timezone": "Europe/Berlin"})
    after = fingerprint(tenant)
    assert {t: before[t] for t in before if t != "import_batches"} == {
        t: after[t] for t in after if t != "import_batches"
    }
    with acting(domain="platform", organization=tenant.id):
        assert CustomFieldTerm.objects.filter(term="customer.a_choices=ts").count() == 1


def test_json_lines_may_hold_lists_and_truth(tenant: Tenant, tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    row = {"E-Mail": "ada@example.com", "Boolean": False, "Choices": ["l", "s"], "Integer": 7, "Number": 12.5}
    path.write_text(json.dumps(row) + "\n" + json.dumps({"E-Mail": "bob@example.com", "Choices": ["xl"]}))
    assert run(path, tenant, mapping=MAPPING).bad_rows == 1
    expected = {"a_boolean": False, "a_choices": ["s", "l"], "a_integer": 7, "a_number": "12.5"}
    assert stored(tenant) == {"ada@example.com": expected}


BAD = [
    ("Number", "many", "A number: Send a number"),
    ("Integer", "1.5", "A integer: Send a whole number."),
    ("Boolean", "perhaps", "A boolean: Write true or false."),
    ("Date", "31.12.2026", "A date: Send a date as in 2026-12-31."),
    ("Datetime", "2026-12-31", "A datetime: Send a date and time"),
    ("Choice", "xl", "A choice: Choose one of: s, m, l."),
    ("Choices", "s; xl", "A choices: Send a list with some of"),
    ("Url", "example", "A url: Send a web address"),
    ("Email", "ada", "A email: Send an e-mail address"),
    ("Text", "x" * 2001, "A text: Send at most"),
]


def test_bad_values_are_reported_and_not_loaded(tenant: Tenant, tmp_path: Path) -> None:
    rows = [blank(f"c{n}@example.com", **{column: cell}) for n, (column, cell, _) in enumerate(BAD)]
    path = written(tmp_path / "people.csv", *rows, blank("good@example.com", Integer="1"))
    summary = run(path, tenant, mapping=MAPPING)
    assert (summary.loaded.rows, summary.bad_rows) == (1, len(BAD))
    for found, (_, _, said) in zip(reasons(path), BAD, strict=True):
        assert found.startswith(said)
    assert stored(tenant) == {"good@example.com": {"a_integer": 1}}


def test_gaps_are_filled_and_what_is_there_stays(tenant: Tenant, tmp_path: Path) -> None:
    with acting(domain="platform", organization=tenant.id):
        factories.make_customer(email="ada@example.com", custom_fields={"a_integer": 1, "other": "x"})
    path = written(
        tmp_path / "people.csv",
        blank("ada@example.com", Integer="2", Text="first"),
        blank("ada@example.com", Text="second", Choice="m"),
    )
    run(path, tenant, mapping=MAPPING)
    assert stored(tenant) == {
        "ada@example.com": {"a_integer": 1, "other": "x", "a_text": "first", "a_choice": "m"}
    }


def test_defaults_and_required_fields(tenant: Tenant, tmp_path: Path) -> None:
    define(tenant, key="origin", default="fair")
    define(tenant, key="needed", required=True)
    path = written(tmp_path / "people.csv", blank("ada@example.com", Text="x"), blank("bob@example.com"))
    mapping = {**MAPPING, "customer": {"email": "E-Mail", "custom_fields": {"needed": "Text"}}}
    assert run(path, tenant, mapping=mapping).bad_rows == 1
    assert reasons(path) == ["Needed is required."]
    run(cdnow(tmp_path / "cdnow.txt", " 00001 19970101  1   11.77"), tenant)
    assert stored(tenant) == {
        "ada@example.com": {"needed": "x", "origin": "fair"},
        "": {"origin": "fair"},
    }


@pytest.mark.parametrize("size", [1, 100])
def test_a_unique_value_is_one_customers(tenant: Tenant, tmp_path: Path, size: int) -> None:
    define(tenant, key="serial", unique=True)
    with acting(domain="platform", organization=tenant.id):
        from platform_core.services.customer import create_customer

        create_customer(email="old@example.com", custom_fields={"serial": "A-1"})
    mapping = {**MAPPING, "customer": {"email": "E-Mail", "custom_fields": {"serial": "Text"}}}
    path = written(
        tmp_path / "people.csv",
        blank("ada@example.com", Text="a-1"),
        blank("bob@example.com", Text="B-1"),
        blank("eve@example.com", Text=" b-1"),
        blank("bob@example.com", Text="B-2"),
        blank("old@example.com", Text="A-1"),
    )
    for _ in range(2):
        summary = run(path, tenant, mapping=mapping, batch_size=size)
        assert (summary.loaded.rows, summary.bad_rows) == (3, 2)
        assert reasons(path) == ["Another customer has this Serial."] * 2
    assert stored(tenant) == {"old@example.com": {"serial": "A-1"}, "bob@example.com": {"serial": "B-1"}}
    with acting(domain="platform", organization=tenant.id):
        assert sorted(CustomFieldValue.objects.values_list("value", flat=True)) == ["a-1", "b-1"]


def test_a_dry_run_says_the_same(tenant: Tenant, tmp_path: Path) -> None:
    define(tenant, key="serial", unique=True)
    mapping = {**MAPPING, "customer": {"email": "E-Mail", "custom_fields": {"serial": "Text"}}}
    path = written(
        tmp_path / "people.csv", blank("ada@example.com", Text="A"), blank("bob@example.com", Text="a")
    )
    dry = run(path, tenant, mapping=mapping, dry_run=True, batch_size=1)
    assert stored(tenant) == {}
    real = run(path, tenant, mapping=mapping, batch_size=1)
    assert (dry.loaded.customers, dry.bad_rows) == (real.loaded.customers, real.bad_rows) == (1, 1)


def test_the_number_of_statements_does_not_grow_with_the_rows(tenant: Tenant, tmp_path: Path) -> None:
    def statements(count: int, name: str) -> int:
        rows = [blank(f"{name}{n}@example.com", Integer=str(n), Text=f"{name}{n}") for n in range(count)]
        path = written(tmp_path / f"{name}.csv", *rows)
        with CaptureQueriesContext(connection) as captured:
            run(path, tenant, mapping=MAPPING)
        return len(captured)

    define(tenant, key="serial", unique=True)
    statements(1, "warm")
    assert statements(2, "few") == statements(90, "many")


def test_what_cannot_begin_is_one_sentence(tenant: Tenant, tmp_path: Path) -> None:
    path = written(tmp_path / "people.csv", blank("ada@example.com"))
    mapping = {**MAPPING, "customer": {"email": "E-Mail", "custom_fields": {"colour": "Text"}}}
    with pytest.raises(ImportRefused, match="no custom field 'colour'"):
        run(path, tenant, mapping=mapping)
    for wrong in ({"custom_fields": "Text"}, {"custom_fields": {"a_text": 3}}):
        with pytest.raises(ImportRefused, match="custom_fields"):
            parse_mapping({"source": "x", "customer": {"email": "E", **wrong}}, data_path=path)


def test_definitions_that_change_meanwhile_stop_the_import(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "people.csv", blank("ada@example.com"), blank("bob@example.com"))
    load = CustomerImport._load_batch

    def then_change(self: CustomerImport, *args: Any) -> Any:
        done = load(self, *args)
        with acting(domain="platform", organization=tenant.id):
            update_custom_field(custom_field=CustomField.objects.get(key="a_choice"), choices=["xl"])
        return done

    monkeypatch.setattr(CustomerImport, "_load_batch", then_change)
    with pytest.raises(ImportRefused, match="--resume"):
        run(path, tenant, mapping=MAPPING, batch_size=1)
    assert list(stored(tenant)) == ["ada@example.com"]
