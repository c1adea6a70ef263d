"""The index of custom fields: as records are, whatever wrote them, and sorted as values are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import CustomField, CustomFieldTerm, Pipeline
from shared.records.custom_fields import terms
from shared.records.custom_fields.choices import FieldType
from shared.records.custom_fields.finding import Terms
from shared.records.custom_fields.types import normalise
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.custom_fields import make_definition
from tests.crm.factories import make_pipeline


@pytest.fixture
def unit(tenant: Tenant) -> Iterator[None]:
    with acting(domain="crm", organization=tenant.id):
        yield


def define(type: str = "text", **values: Any) -> Terms:
    values.setdefault("key", "size")
    return Terms.of_field(Pipeline, make_definition(CustomField, "pipeline", type, **values))


def terms_of(pipeline: Pipeline) -> set[str]:
    rows = CustomFieldTerm.objects.filter(record_id=pipeline.pk)
    return {term.removeprefix("pipeline.") for term in rows.values_list("term", flat=True)}


def raw(pipeline: Pipeline, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE crm.pipelines SET custom_fields = %s WHERE id = %s", [value, pipeline.pk])


@pytest.mark.usefixtures("unit")
class TestEveryPath:
    def test_insert_update_and_delete(self) -> None:
        define()
        pipeline = make_pipeline(custom_fields={"size": "Large"})
        assert terms_of(pipeline) == {"size=tlarge"}
        Pipeline.objects.filter(pk=pipeline.pk).update(custom_fields={"size": "Small", "also": True})
        assert terms_of(pipeline) == {"size=tsmall", "also=btrue"}
        pipeline.refresh_from_db()
        pipeline.custom_fields = {}
        Pipeline.objects.bulk_update([pipeline], ["custom_fields"])
        assert terms_of(pipeline) == set()
        raw(pipeline, '{"size": ["A", "b"]}')
        assert terms_of(pipeline) == {"size=ta", "size=tb"}
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM crm.pipelines WHERE id = %s", [pipeline.pk])
        assert terms_of(pipeline) == set()

    def test_a_statement_about_many_touches_their_terms_alone(self) -> None:
        many = [make_pipeline() for _ in range(3)]
        stays = make_pipeline()
        raw(stays, '{"size": "other"}')
        rows = Pipeline.objects.filter(pk__in=[p.pk for p in many])
        for size in ("a", "b"):
            rows.update(custom_fields={"size": size})
            assert [terms_of(p) for p in many] == [{f"size=t{size}"}] * 3
        assert terms_of(stays) == {"size=tother"}

    def test_a_deleted_record_keeps_its_terms(self) -> None:
        pipeline = make_pipeline()
        raw(pipeline, '{"size": "a"}')
        pipeline.soft_delete()
        assert terms_of(pipeline) == {"size=ta"}

    @pytest.mark.parametrize(
        "value",
        [
            "[]",
            '"text"',
            "null",
            '{"Bad Key": "a", "a=tb": "c", "": 1}',
            f'{{"{"k" * 5000}": "a"}}',
            '{"size": {"deep": ["a"]}, "also": null, "third": [["a"]]}',
        ],
    )
    def test_what_no_definition_could_hold_is_no_term(self, value: str) -> None:
        pipeline = make_pipeline()
        raw(pipeline, value)
        assert terms_of(pipeline) == set()

    def test_a_long_text_is_found_whole(self) -> None:
        field = define()
        first = make_pipeline(custom_fields={"size": "é" * 1999 + "a"})
        make_pipeline(custom_fields={"size": "é" * 1999 + "b"})
        assert list(Pipeline.objects.filter(field.equal(["É" * 1999 + "A"]))) == [first]
        assert Pipeline.objects.filter(field.beginning("É" * 100)).count() == 2


@pytest.mark.usefixtures("unit")
class TestTenants:
    def test_nobody_else_sees_a_term(self, other_tenant: Tenant) -> None:
        raw(make_pipeline(), '{"size": "a"}')
        assert CustomFieldTerm.objects.count() == 1
        with acting(organization=other_tenant.id):
            assert CustomFieldTerm.objects.count() == 0

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM crm.custom_field_terms",
            "UPDATE crm.custom_field_terms SET term = ''",
            "INSERT INTO crm.custom_field_terms (organization_id, record_id, term) "
            "SELECT organization_id, record_id, 'forged' FROM crm.custom_field_terms",
        ],
    )
    def test_nobody_writes_one(self, statement: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(statement)


def forms(kind: str, values: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {terms.form(kind, 'v')} FROM unnest(%s::text[]) WITH ORDINALITY u (v, n) ORDER BY n",
            [values],
        )
        return [form for (form,) in cursor.fetchall()]


NUMBER = CustomField(type=FieldType.NUMBER)


@pytest.mark.usefixtures("unit")
class TestOrder:
    @settings(max_examples=100, deadline=None)
    @given(
        st.lists(
            st.decimals(
                allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20
            )
        )
    )
    def test_numbers_sort_as_numbers(self, numbers: list[Any]) -> None:
        stored = [normalise(NUMBER, number) for number in numbers]
        made = forms(terms.NUMBER, stored)
        by_form = [number for _, number in sorted(zip(made, numbers, strict=True), key=lambda pair: pair[0])]
        assert by_form == sorted(numbers)

    def test_equal_numbers_have_one_form(self) -> None:
        assert len(set(forms(terms.NUMBER, ["1.50", "1.5", "01.500"]))) == 1
        assert len(set(forms(terms.NUMBER, ["0", "-0", "0.0", "-0.00"]))) == 1

    def test_times_sort_as_times(self) -> None:
        moment = dt.datetime(2026, 12, 31, 18, tzinfo=dt.UTC)
        field = CustomField(type=FieldType.DATETIME)
        times = [normalise(field, moment + dt.timedelta(microseconds=n)) for n in (0, 1, 500_000, 1_000_000)]
        made = forms(terms.TEXT, times)
        assert made == sorted(made)
