"""A small shop whose tables are migrated: the same models can live in any schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


@dataclass(frozen=True)
class Home:
    """A schema for the shop and how its models call their tables."""

    id: str
    schema: str
    qualified: bool

    @property
    def connection_schema(self) -> str:
        return "public" if self.qualified else self.schema

    def table(self, name: str) -> str:
        return f'{self.schema}"."{name}' if self.qualified else name


TENANT_SCHEMA = f"tenant_{'0' * 32}"
HOMES = (Home("qualified", "support_app", True), Home("unqualified", TENANT_SCHEMA, False))
NEIGHBOURS = (Home("public", "public", True), Home("crm", "crm", True))
"""Hold the same tables with the same names: an operation that looks in the wrong schema changes them."""


class Executor(MigrationExecutor):
    """Django's executor for migrations that are in no file and no ledger."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.progress_callback = None
        self.recorder = _NoLedger()


class _NoLedger:
    def record_applied(self, app: str, name: str) -> None:
        pass

    record_unapplied = record_applied


def migration(operations: list[Operation], *, atomic: bool = True, initial: bool | None = None) -> Migration:
    """A migration of the app ``shop`` with these operations."""
    made = Migration("0001_made", "shop")
    made.operations, made.atomic, made.initial = operations, atomic, initial
    return made


def base_operations(table: Callable[[str], str]) -> list[Operation]:
    """Customers, tags and tickets, with one of each kind of index and constraint."""
    key = ("id", models.BigAutoField(primary_key=True))
    return [
        migrations.CreateModel(
            "Customer",
            [key, ("code", models.CharField(max_length=20, unique=True)), ("name", models.TextField())],
            options={"db_table": table("customers")},
        ),
        migrations.CreateModel(
            "Tag", [key, ("label", models.TextField())], options={"db_table": table("tags")}
        ),
        migrations.CreateModel(
            "Ticket",
            [
                key,
                ("title", models.TextField()),
                ("status", models.CharField(max_length=20, db_index=True)),
                ("number", models.PositiveIntegerField()),
                ("price", models.IntegerField(null=True)),
                ("data", models.JSONField(default=dict)),
                ("customer", models.ForeignKey("shop.Customer", models.CASCADE, null=True, related_name="+")),
                ("referrer", models.ForeignKey("shop.Customer", models.CASCADE, null=True, related_name="+")),
                ("tags", models.ManyToManyField("shop.Tag")),
            ],
            options={
                "db_table": table("tickets"),
                "unique_together": {("title", "number")},
                "indexes": [models.Index(fields=["status", "-number"], name="by_status")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["number"], condition=models.Q(price__isnull=False), name="one_priced"
                    ),
                    models.CheckConstraint(condition=models.Q(price__gte=0), name="price_positive"),
                ],
            },
        ),
    ]


def build(connection: Any, home: Home) -> ProjectState:
    """Create the shop anew in a schema, and return the state of its migrations."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {home.schema} CASCADE; CREATE SCHEMA {home.schema}")
    return Executor(connection).apply_migration(ProjectState(), migration(base_operations(home.table)))
