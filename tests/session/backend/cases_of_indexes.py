"""Changes to indexes and constraints, and what each must do to the catalog."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import migrations as m
from django.db import models
from django.db.models.functions import Lower, Upper

from tests.session.backend.case import Case


def _made_index(
    id: str, using: str, *args: Any, kind: type[models.Index] = models.Index, **options: Any
) -> Case:
    return Case(
        id,
        lambda table: [m.AddIndex("ticket", kind(*args, name="made", **options))],
        adds=(f"index tickets made: CREATE INDEX made ON tickets USING {using}",),
    )


def _made_unique(id: str, constraint: str | None, using: str, *args: Any, **options: Any) -> Case:
    """``constraint`` is None where PostgreSQL has no constraint for this, only a unique index."""
    index = f"index tickets made: CREATE UNIQUE INDEX made ON tickets USING {using}"
    return Case(
        id,
        lambda table: [m.AddConstraint("ticket", models.UniqueConstraint(*args, name="made", **options))],
        adds=(index, f"constraint tickets made: {constraint}") if constraint else (index,),
    )


INDEXES = (
    _made_index("index", "btree (price, number DESC)", fields=["price", "-number"]),
    _made_index(
        "partial index",
        "btree (price) WHERE ((status)::text = '50%'::text)",
        fields=["price"],
        condition=models.Q(status="50%"),
    ),
    _made_index("expression index", "btree (lower(title) DESC, price)", Lower("title").desc(), "price"),
    _made_index("covering index", "btree (price) INCLUDE (title)", fields=["price"], include=["title"]),
    _made_index(
        "operator class", "btree (title text_pattern_ops)", fields=["title"], opclasses=["text_pattern_ops"]
    ),
    _made_index("gin index", "gin (data)", kind=GinIndex, fields=["data"]),
    _made_index("hash index", "hash (price)", kind=HashIndex, fields=["price"]),
    Case(
        "remove index",
        lambda table: [m.RemoveIndex("ticket", "by_status")],
        removes=("index tickets by_status:",),
    ),
    Case(
        "rename index",
        lambda table: [m.RenameIndex("ticket", "renamed", old_name="by_status")],
        adds=("index tickets renamed: CREATE INDEX renamed ON tickets USING btree (status, number DESC)",),
        removes=(
            "index tickets by_status: CREATE INDEX by_status ON tickets USING btree (status, number DESC)",
        ),
    ),
    Case(
        "index concurrently",
        lambda table: [AddIndexConcurrently("ticket", models.Index(fields=["price"], name="made"))],
        adds=("index tickets made: CREATE INDEX made ON tickets USING btree (price)",),
        atomic=False,
    ),
    Case(
        "remove index concurrently",
        lambda table: [RemoveIndexConcurrently("ticket", "by_status")],
        removes=("index tickets by_status:",),
        atomic=False,
    ),
    Case(
        "create and remove index at once",
        lambda table: [
            m.CreateModel(
                "Note",
                [("id", models.AutoField(primary_key=True)), ("text", models.TextField())],
                options={
                    "db_table": table("notes"),
                    "indexes": [models.Index(fields=["text"], name="by_text")],
                    "constraints": [models.UniqueConstraint(Upper("text"), name="one_text")],
                },
            ),
            m.RemoveIndex("note", "by_text"),
            m.RemoveConstraint("note", "one_text"),
        ],
        adds=(
            "table notes",
            "column notes id",
            "column notes text",
            "sequence notes notes_id_seq",
            "constraint notes notes_pkey",
            "index notes notes_pkey",
        ),
    ),
)

CONSTRAINTS = (
    _made_unique("unique", "UNIQUE (price, title)", "btree (price, title)", fields=["price", "title"]),
    _made_unique(
        "unique without nulls",
        "UNIQUE NULLS NOT DISTINCT (price)",
        "btree (price) NULLS NOT DISTINCT",
        fields=["price"],
        nulls_distinct=False,
    ),
    _made_unique(
        "partial unique",
        None,
        "btree (price) WHERE ((status)::text = 'open'::text)",
        fields=["price"],
        condition=models.Q(status="open"),
    ),
    _made_unique("expression unique", None, "btree (upper(title), price)", Upper("title"), "price"),
    _made_unique(
        "covering unique", None, "btree (price) INCLUDE (title)", fields=["price"], include=["title"]
    ),
    _made_unique(
        "deferrable unique",
        "UNIQUE (price) DEFERRABLE INITIALLY DEFERRED",
        "btree (price)",
        fields=["price"],
        deferrable=models.Deferrable.DEFERRED,
    ),
    Case(
        "remove partial unique",
        lambda table: [m.RemoveConstraint("ticket", "one_priced")],
        removes=("index tickets one_priced: CREATE UNIQUE INDEX",),
    ),
    Case(
        "unique together",
        lambda table: [m.AlterUniqueTogether("ticket", {("title", "price")})],
        adds=(
            "constraint tickets tickets_title_price_3c7de209_uniq: UNIQUE (title, price)",
            "btree (title, price)",
        ),
        removes=("constraint tickets tickets_title_number_46e0ce5a_uniq: UNIQUE", "btree (title, number)"),
    ),
    Case(
        "check",
        lambda table: [
            m.AddConstraint(
                "ticket", models.CheckConstraint(condition=models.Q(title__contains="%"), name="made")
            )
        ],
        adds=(r"constraint tickets made: CHECK ((title ~~ '%\%%'::text))",),
    ),
    Case(
        "remove check",
        lambda table: [m.RemoveConstraint("ticket", "price_positive")],
        removes=("constraint tickets price_positive: CHECK",),
    ),
    Case(
        "check validated later",
        lambda table: [
            AddConstraintNotValid(
                "ticket", models.CheckConstraint(condition=models.Q(price__lt=9), name="made")
            ),
            ValidateConstraint("ticket", "made"),
        ],
        adds=("constraint tickets made: CHECK ((price < 9))",),
    ),
    Case(
        "exclusion",
        lambda table: [
            m.AddField("ticket", "made", DateRangeField(null=True)),
            m.AddConstraint(
                "ticket", ExclusionConstraint(name="apart", expressions=[("made", RangeOperators.OVERLAPS)])
            ),
        ],
        adds=(
            "column tickets made: daterange",
            "constraint tickets apart: EXCLUDE USING gist (made WITH &&)",
            "index tickets apart: CREATE INDEX apart ON tickets USING gist (made)",
        ),
    ),
)
