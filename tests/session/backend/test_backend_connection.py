"""Who sets the search path and when, and which servers are refused."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import NotSupportedError, transaction

from tests.session.backend.shop import TENANT_SCHEMA


@contextmanager
def counted(connection: Any) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(execute: Any, sql: Any, *rest: Any) -> Any:
        statements.append(str(sql))
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield statements


def _search_path(connection: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW search_path")
        return str(cursor.fetchone()[0])


def test_an_ordinary_connection_never_sets_the_search_path(ordinary: Any) -> None:
    before = _search_path(ordinary)
    ordinary.set_schema(TENANT_SCHEMA)
    with counted(ordinary) as statements:
        assert _search_path(ordinary) == before
    assert statements == ["SHOW search_path"]
    assert ordinary.schema_name == TENANT_SCHEMA  # remembered for whoever asks


def test_a_path_set_for_the_transaction_holds_and_ends_with_it(ordinary: Any) -> None:
    before = _search_path(ordinary)
    with transaction.atomic(using="scratch"):
        with ordinary.cursor() as cursor:
            cursor.execute("SELECT set_config('search_path', 'crm, public', true)")
        assert _search_path(ordinary) == "crm, public"
    assert _search_path(ordinary) == before


def test_the_connection_of_migrations_sets_it_once_a_change(scratch: Any) -> None:
    scratch.set_schema(TENANT_SCHEMA)
    with counted(scratch) as statements:
        assert _search_path(scratch) == f"{TENANT_SCHEMA}, public"
        scratch.set_schema(TENANT_SCHEMA)
        assert _search_path(scratch) == f"{TENANT_SCHEMA}, public"
        scratch.set_schema(TENANT_SCHEMA, include_public=False)
        assert _search_path(scratch) == TENANT_SCHEMA
        scratch.set_schema_to_public()
        assert _search_path(scratch) == "public"
    assert len([sql for sql in statements if sql.startswith("SET")]) == 3


def test_it_is_set_again_after_a_rollback_and_after_a_reconnection(scratch: Any) -> None:
    for undo in (lambda: transaction.set_rollback(True, using="scratch"), scratch.close):
        scratch.set_schema_to_public()
        assert _search_path(scratch) == "public"
        with transaction.atomic(using="scratch"):
            scratch.set_schema(TENANT_SCHEMA)
            assert _search_path(scratch) == f"{TENANT_SCHEMA}, public"
            if undo != scratch.close:
                undo()
        if undo == scratch.close:
            undo()
        assert _search_path(scratch) == f"{TENANT_SCHEMA}, public"


def test_it_is_set_again_after_a_rollback_to_a_savepoint(scratch: Any) -> None:
    with transaction.atomic(using="scratch"):
        assert _search_path(scratch) == "public"
        with transaction.atomic(using="scratch"):
            scratch.set_schema(TENANT_SCHEMA)
            assert _search_path(scratch) == f"{TENANT_SCHEMA}, public"
            transaction.set_rollback(True, using="scratch")
        assert _search_path(scratch) == f"{TENANT_SCHEMA}, public"


def test_a_name_that_breaks_out_of_its_quotes_is_refused(scratch: Any) -> None:
    scratch.set_schema('x", public; DROP TABLE y; --')
    with pytest.raises(ValidationError):
        scratch.cursor()


def test_a_change_of_schema_keeps_the_content_types(scratch: Any) -> None:
    cache = ContentType.objects._cache  # type: ignore[attr-defined]
    cache["scratch"] = {("shop", "ticket"): "kept"}
    try:
        scratch.set_schema(TENANT_SCHEMA)
        assert cache["scratch"]
    finally:
        cache.pop("scratch", None)


def test_an_old_server_is_refused_in_a_sentence_and_without_a_query(scratch: Any) -> None:
    assert _search_path(scratch) == "public"
    with counted(scratch) as statements:
        scratch.check_database_version_supported()
        scratch.__dict__["pg_version"] = 140012
        try:
            with pytest.raises(
                NotSupportedError, match=r"Trellis needs PostgreSQL 15 or newer.*PostgreSQL 14\.12"
            ):
                scratch.check_database_version_supported()
        finally:
            del scratch.__dict__["pg_version"]
    assert not statements


def test_settings_and_registry_load_without_a_server() -> None:
    """The wrapper is made while models are imported; that must ask no database and touch no cache."""
    code = (
        "import django; from django.conf import settings;"
        "settings.configure(INSTALLED_APPS=['django.contrib.contenttypes', 'django.contrib.auth'],"
        "DATABASES={'default': {'ENGINE': 'shared.session.backend', 'NAME': 'x', 'HOST': 'x.invalid'}});"
        "django.setup(); from django.db import connection; connection.set_schema('y')"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
