"""Values are checked against the tenant's definitions, whoever writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.models import CustomField, Deal, Pipeline
from crm.services.activity import record_activity
from crm.services.deal import update_deal
from crm.services.pipeline import update_pipeline
from shared.errors import Conflict, InvalidInput
from shared.records import uuid7
from shared.records.custom_fields.services import retire_custom_field, update_custom_field
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.bases.custom_fields import make_definition
from tests.crm import factories

STAFF = Actor(kind="user", id=uuid7(), name="Ada")
KEY = Actor(kind="key", id=uuid7(), name="shop")


@pytest.fixture
def unit(tenant: Tenant) -> Iterator[None]:
    with acting(domain="crm", organization=tenant.id, actor=STAFF):
        yield


def define(type: str = "text", **values: Any) -> CustomField:
    values.setdefault("key", "size")
    made = make_definition(CustomField, values.pop("entity", "pipeline"), type, **values)
    assert isinstance(made, CustomField)
    return made


def refused(pipeline: Pipeline, given: Any) -> dict[str, list[str]]:
    before = Pipeline.objects.values_list("custom_fields", "version").get(pk=pipeline.pk)
    with pytest.raises(InvalidInput) as caught:
        update_pipeline(pipeline=pipeline, custom_fields=given)
    assert Pipeline.objects.values_list("custom_fields", "version").get(pk=pipeline.pk) == before
    return caught.value.errors


GOOD: list[tuple[str, Any, Any]] = [
    ("text", " as typed ", " as typed "),
    ("number", "12.50", "12.5"),
    ("number", 0.1, "0.1"),
    ("number", "1e3", "1000"),
    ("number", Decimal("-0.000"), "0"),
    ("integer", -3, -3),
    ("boolean", False, False),
    ("date", "2026-12-31", "2026-12-31"),
    ("date", dt.date(2026, 12, 31), "2026-12-31"),
    ("datetime", "2026-12-31T18:00:00+02:00", "2026-12-31T16:00:00Z"),
    ("choice", "m", "m"),
    ("choices", ["l", "s", "l"], ["s", "l"]),
    ("url", "https://example.com/a?b=c", "https://example.com/a?b=c"),
    ("email", " ada@example.com ", "ada@example.com"),
]


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(("type", "given", "stored"), GOOD)
def test_a_good_value_is_stored_in_its_normal_form(type: str, given: Any, stored: Any) -> None:
    define(type)
    pipeline = factories.make_pipeline(custom_fields={"size": given})
    pipeline.refresh_from_db()
    assert pipeline.custom_fields == {"size": stored}


BAD: list[tuple[str, Any]] = [
    ("text", 5),
    ("text", "a\x00"),
    ("text", "x" * 2001),
    ("number", "NaN"),
    ("number", "-Infinity"),
    ("number", "1e999999"),
    ("number", "0." + "1" * 29),
    ("number", "many"),
    ("number", True),
    ("number", "9" * 5000),
    ("integer", 1.5),
    ("integer", "5"),
    ("integer", True),
    ("integer", 2**63),
    ("boolean", "yes"),
    ("boolean", 1),
    ("date", "2026-02-30"),
    ("date", "20260228"),
    ("date", 5),
    ("datetime", "2026-12-31T18:00:00"),
    ("datetime", "2026-13-31T18:00:00Z"),
    ("datetime", "0001-01-01T00:00:00+14:00"),
    ("choice", "xl"),
    ("choice", ["s"]),
    ("choices", "s"),
    ("choices", ["s", "xl"]),
    ("choices", [["s"]]),
    ("url", "javascript:alert(1)"),
    ("url", "example.com"),
    ("email", "ada"),
]


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(("type", "given"), BAD)
def test_a_bad_value_is_refused_by_its_path(type: str, given: Any) -> None:
    pipeline = factories.make_pipeline()
    define(type)
    assert refused(pipeline, {"size": given}).keys() == {"custom_fields.size"}


@pytest.mark.usefixtures("unit")
class TestKeys:
    def test_an_unknown_key_is_answered_with_those_there_are(self) -> None:
        pipeline = factories.make_pipeline()
        assert "no custom fields here" in refused(pipeline, {"colour": "red"})["custom_fields.colour"][0]
        define(key="size")
        define(key="shape")
        assert "size, shape" in refused(pipeline, {"colour": "red"})["custom_fields.colour"][0]

    def test_a_change_replaces_given_keys_and_null_removes_one(self) -> None:
        for key in ("a", "b", "c"):
            define(key=key)
        pipeline = factories.make_pipeline(custom_fields={"a": "1", "b": "2"})
        update_pipeline(pipeline=pipeline, custom_fields={"b": None, "c": "3"})
        pipeline.refresh_from_db()
        assert pipeline.custom_fields == {"a": "1", "c": "3"}

    def test_nothing_is_written_when_nothing_changes(self) -> None:
        define()
        pipeline = factories.make_pipeline(custom_fields={"size": "1"})
        update_pipeline(pipeline=pipeline, custom_fields={"size": "1"})
        pipeline.refresh_from_db()
        assert pipeline.version == 1

    def test_another_kinds_and_another_tenants_fields_are_not_its_own(self, other_tenant: Tenant) -> None:
        define(entity="deal")
        with acting(domain="crm", organization=other_tenant.id):
            define(entity="pipeline", required=True)
        refused(factories.make_pipeline(), {"size": "1"})

    def test_not_an_object(self) -> None:
        assert refused(factories.make_pipeline(), [1]).keys() == {"custom_fields"}


@pytest.mark.usefixtures("unit")
class TestRequired:
    def test_a_new_record_needs_it(self) -> None:
        define(required=True)
        with pytest.raises(InvalidInput) as caught:
            factories.make_pipeline()
        assert caught.value.errors == {"custom_fields.size": ["Size is required."]}
        factories.make_pipeline(custom_fields={"size": "1"})

    def test_a_known_record_needs_it_when_its_custom_fields_are_written(self) -> None:
        pipeline = factories.make_pipeline()
        define(required=True)
        define(key="shape")
        update_pipeline(pipeline=pipeline, description="Another")
        assert refused(pipeline, {"shape": "round"}).keys() == {"custom_fields.size"}
        update_pipeline(pipeline=pipeline, custom_fields={"size": "1"})
        assert refused(pipeline, {"size": None}).keys() == {"custom_fields.size"}

    def test_what_follows_from_something_else_needs_nothing(self, tenant: Tenant) -> None:
        define(entity="activity", required=True)
        record_activity(type="deal_won", description="Won")
        with acting(actor=Actor()):
            factories.make_activity()

    def test_a_key_is_not_asked_for_what_it_does_not_see(self) -> None:
        define(required=True, visibility="staff")
        with acting(actor=KEY):
            pipeline = factories.make_pipeline()
            assert refused(pipeline, {"size": "1"}).keys() == {"custom_fields.size"}


@pytest.mark.usefixtures("unit")
class TestDefaults:
    @pytest.mark.parametrize(
        ("type", "default", "stored"),
        [
            ("text", "as typed", "as typed"),
            ("number", 2.50, "2.5"),
            ("boolean", False, False),
            ("choices", ["m"], ["m"]),
        ],
    )
    def test_a_new_record_gets_it_where_nothing_is_said(self, type: str, default: Any, stored: Any) -> None:
        define(type, default=default, required=True)
        define(key="shape")
        for said in ({}, {"shape": "round"}):
            pipeline = factories.make_pipeline(custom_fields=said)
            pipeline.refresh_from_db()
            assert pipeline.custom_fields == {**said, "size": stored}
        with acting(actor=Actor()):
            activity = record_activity(type="deal_won", description="Won")
        assert activity.custom_fields == {}

    def test_what_is_said_counts(self) -> None:
        define(default="m")
        assert factories.make_pipeline(custom_fields={"size": "s"}).custom_fields == {"size": "s"}
        assert factories.make_pipeline(custom_fields={"size": None}).custom_fields == {}

    def test_what_follows_from_something_else_gets_it_and_what_is_there_stays(self) -> None:
        pipeline = factories.make_pipeline()
        define(default="m")
        update_pipeline(pipeline=pipeline, description="Another")
        assert pipeline.custom_fields == {}
        define(entity="activity", key="mood", default="good")
        assert record_activity(type="deal_won", description="Won").custom_fields == {"mood": "good"}

    def test_a_key_leaves_what_it_does_not_see(self) -> None:
        define(default="m", visibility="staff")
        with acting(actor=KEY):
            assert factories.make_pipeline().custom_fields == {"size": "m"}

    def test_a_retired_fields_default_is_not_given(self) -> None:
        retire_custom_field(custom_field=define(default="m"))
        assert factories.make_pipeline().custom_fields == {}

    def test_it_goes_with_the_choice_that_it_is(self) -> None:
        field = define("choice", default="m")
        with pytest.raises(InvalidInput) as caught:
            update_custom_field(custom_field=field, choices=["s", "l"])
        assert caught.value.errors.keys() == {"default"}
        field.refresh_from_db()
        update_custom_field(custom_field=field, choices=["s", "l"], default="s")
        update_custom_field(custom_field=field, default=None)
        field.refresh_from_db()
        assert field.default is None


@pytest.mark.usefixtures("unit")
class TestLaterDemands:
    def test_a_field_becomes_required_when_every_record_has_a_value(self) -> None:
        field = define()
        pipelines = [factories.make_pipeline(is_default=False) for _ in range(3)]
        pipelines[0].soft_delete()
        with pytest.raises(Conflict, match="2 pipelines have no value") as caught:
            update_custom_field(custom_field=field, required=True)
        assert caught.value.errors.keys() == {"required"}
        for pipeline in pipelines[1:]:
            update_pipeline(pipeline=pipeline, custom_fields={"size": "s"})
        field.refresh_from_db()
        assert not field.required
        update_custom_field(custom_field=field, required=True)
        assert refused(pipelines[1], {"size": None}).keys() == {"custom_fields.size"}

    def test_a_field_becomes_unique_when_every_value_is(self) -> None:
        field = define()
        first = factories.make_pipeline(custom_fields={"size": "A"})
        second = factories.make_pipeline(custom_fields={"size": " a"})
        factories.make_pipeline(custom_fields={"size": "B"})
        with pytest.raises(Conflict, match="2 pipelines have a value that another one has") as caught:
            update_custom_field(custom_field=field, unique=True)
        assert caught.value.errors.keys() == {"unique"}
        update_pipeline(pipeline=second, custom_fields={"size": "C"})
        field.refresh_from_db()
        update_custom_field(custom_field=field, unique=True)
        with pytest.raises(Conflict):
            factories.make_pipeline(custom_fields={"size": "c"})
        update_pipeline(pipeline=first, custom_fields={"size": "D"})
        factories.make_pipeline(custom_fields={"size": "A"})

    def test_a_deleted_records_value_counts_when_it_comes_back(self) -> None:
        field = define()
        deleted = factories.make_pipeline(custom_fields={"size": "A"})
        deleted.soft_delete()
        factories.make_pipeline(custom_fields={"size": "A"})
        update_custom_field(custom_field=field, unique=True)
        with pytest.raises(Conflict):
            deleted.restore()

    def test_what_has_a_default_does_not_become_unique(self) -> None:
        field = define(default="m")
        with pytest.raises(InvalidInput) as caught:
            update_custom_field(custom_field=field, unique=True)
        assert caught.value.errors.keys() == {"default"}


@pytest.mark.usefixtures("unit")
class TestChangedDefinitions:
    def test_a_choice_that_is_gone_stays_where_it_is(self) -> None:
        field = define("choice")
        define(key="shape")
        pipeline = factories.make_pipeline(custom_fields={"size": "m"})
        other = factories.make_pipeline()
        update_custom_field(custom_field=field, choices=["s"])
        update_pipeline(pipeline=pipeline, custom_fields={"shape": "round", "size": "m"})
        refused(other, {"size": "m"})

    def test_a_retired_field_keeps_its_values_and_takes_no_new_ones(self) -> None:
        field = define()
        define(key="shape")
        pipeline = factories.make_pipeline(custom_fields={"size": "1"})
        retire_custom_field(custom_field=field)
        refused(pipeline, {"size": "1"})
        update_pipeline(pipeline=pipeline, custom_fields={"shape": "round"})
        pipeline.refresh_from_db()
        assert pipeline.custom_fields == {"size": "1", "shape": "round"}

    def test_a_retired_key_is_not_given_again(self) -> None:
        field = define()
        retire_custom_field(custom_field=field)
        with pytest.raises(Conflict, match="retired"):
            define()
        field.restore()
        factories.make_pipeline(custom_fields={"size": "1"})

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"key": "another"}, "key"),
            ({"type": "number"}, "type"),
            ({"default": 5}, "default"),
            ({"choices": ["a"]}, "choices"),
            ({"label": ""}, "label"),
            ({"visibility": "nobody"}, "visibility"),
        ],
    )
    def test_what_cannot_change(self, changes: Any, named: str) -> None:
        field = define()
        with pytest.raises(InvalidInput) as caught:
            update_custom_field(custom_field=field, **changes)
        assert caught.value.errors.keys() == {named}
        field.refresh_from_db()
        assert field.version == 1

    @pytest.mark.parametrize(
        ("values", "named"),
        [
            ({"entity": "ticket"}, "entity"),
            ({"entity": "custom_field"}, "entity"),
            ({"key": "Size"}, "key"),
            ({"key": "1st"}, "key"),
            ({"type": "colour"}, "type"),
            ({"type": "choice", "choices": []}, "choices"),
            ({"type": "boolean", "unique": True}, "unique"),
            ({"type": "choice", "default": "xl"}, "default"),
            ({"type": "choices", "default": ["s", "xl"]}, "default"),
            ({"type": "date", "default": "soon"}, "default"),
            ({"unique": True, "default": "A-1"}, "default"),
        ],
    )
    def test_what_cannot_be_defined(self, values: Any, named: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            define(**values)
        assert caught.value.errors.keys() == {named}


@pytest.mark.usefixtures("unit")
class TestCost:
    def test_a_change_of_something_else_asks_nothing(self) -> None:
        define()
        deal = factories.make_deal()
        with CaptureQueriesContext(connection) as captured:
            update_deal(deal=deal, name="Twelve looms")
        assert [q["sql"] for q in captured if "custom_fields" in q["sql"].split("WHERE")[0]] == []

    def test_a_new_record_asks_once(self) -> None:
        for key in ("a", "b", "c"):
            define(key=key)
        with CaptureQueriesContext(connection) as captured:
            factories.make_pipeline(custom_fields={"a": "1", "b": "2"}, stages=[{"name": "Talk"}])
        asked = [q["sql"] for q in captured if '"custom_fields"' in q["sql"] and "SELECT" in q["sql"]]
        assert len([sql for sql in asked if 'FROM "crm"."custom_fields"' in sql]) == 2  # pipeline and stage


@pytest.mark.usefixtures("unit")
def test_records_without_definitions_of_their_own_take_none() -> None:
    from shared.records.custom_fields.selectors import entities_of

    assert set(entities_of(CustomField)) == {"activity", "contact", "deal", "pipeline", "pipeline_stage"}
    assert Deal.takes_custom_fields
