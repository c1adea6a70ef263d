"""A scratch database, and connections to it that sign in as an ordinary owner of schemas, no superuser."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import override_settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.session.backend.shop import HOMES

ALIAS = "scratch"


@pytest.fixture(scope="session")
def superuser_url() -> Iterator[str]:
    """A server to make a scratch database on: the one named by the environment, or the embedded one."""
    if url := os.environ.get("TRELLIS_TEST_BOOTSTRAP_URL"):
        yield url
        return
    from shared.devserver.services import Services

    with Services(Path(__file__).parents[3] / ".dev" / "test", durable=False) as urls:
        yield urls.bootstrap_database_url


@pytest.fixture(scope="session")
def scratch_settings(superuser_url: str) -> Iterator[dict[str, Any]]:
    """Settings of a database that is owned by a role made for it, both dropped afterwards."""
    name, password = f"scratch_{secrets.token_hex(4)}", secrets.token_hex(8)
    role = sql.Identifier(name)
    with psycopg.connect(superuser_url, autocommit=True) as superuser:
        superuser.execute(
            sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD {}").format(
                role, sql.Literal(password)
            )
        )
        superuser.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(role, role))
        address = conninfo_to_dict(superuser_url)
        database = {
            "ENGINE": "shared.session.backend",
            "NAME": name,
            "USER": name,
            "PASSWORD": password,
            "HOST": address.get("host", ""),
            "PORT": address.get("port", ""),
            "OPTIONS": {"options": "-c synchronous_commit=off -c client_min_messages=warning"},
        }
        yield ConnectionHandler({"default": {}, ALIAS: database}).settings[ALIAS]
        superuser.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(role))
        superuser.execute(sql.SQL("DROP ROLE {}").format(role))


@pytest.fixture(scope="session")
def scratch_wrapper(scratch_settings: dict[str, Any]) -> Iterator[Any]:
    """The migrations' connection; no policies here, they have tests of their own."""
    settings = {**scratch_settings, "MIGRATIONS": True, "ON_TABLE_CREATED": None}
    wrapper = ConnectionHandler({"default": {}, ALIAS: settings})[ALIAS]
    yield wrapper
    wrapper.close()


@pytest.fixture(autouse=True)
def scratch(scratch_wrapper: Any, django_db_blocker: Any) -> Iterator[Any]:
    """The migrations' connection under the alias "scratch", in the public schema."""
    with django_db_blocker.unblock(), override_settings(DATABASE_ROUTERS=[]):
        connections.settings[ALIAS] = scratch_wrapper.settings_dict
        connections[ALIAS] = scratch_wrapper
        scratch_wrapper.set_schema_to_public()
        yield scratch_wrapper
        if scratch_wrapper.in_atomic_block:  # a migration failed half-way
            scratch_wrapper.in_atomic_block = False
            scratch_wrapper.close()
        del connections[ALIAS], connections.settings[ALIAS]


@pytest.fixture
def ordinary(scratch: Any, scratch_settings: dict[str, Any]) -> Iterator[Any]:
    """A connection as of the web process, whose search path is the business of a unit of work."""
    wrapper = ConnectionHandler({"default": {}, ALIAS: {**scratch_settings, "ON_TABLE_CREATED": None}})[ALIAS]
    wrapper.ensure_connection()
    wrapper.execute_wrappers.clear()  # these statements run outside of any unit on purpose
    connections[ALIAS] = wrapper
    yield wrapper
    wrapper.close()
    connections[ALIAS] = scratch


@pytest.fixture(params=HOMES, ids=lambda home: home.id)
def home(request: Any, scratch: Any) -> Any:
    """Where the tables are: in a domain's schema by qualified names, or in a tenant's by bare names."""
    scratch.set_schema(request.param.connection_schema)
    return request.param
