"""What every test may ask for: tenants, units of work, connections as any login."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connections
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker
from whitenoise.middleware import WhiteNoiseMiddleware

from shared.domains.registry import central_domain
from shared.records.identifiers import uuid7
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from tests.servers import database_url

ALICE = Actor(kind="user", id=uuid7(), name="Alice Owner")


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is there: tests.servers copied it from the migrated template."""


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> Iterator[None]:
    """Each test client builds the middleware anew, and WhiteNoise would look at all static files for each."""
    found: dict[str, Any] = {}

    def add_files(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            list_files(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    list_files = WhiteNoiseMiddleware.add_files_from_finders
    WhiteNoiseMiddleware.add_files_from_finders = add_files
    yield
    WhiteNoiseMiddleware.add_files_from_finders = list_files


def make_tenant(name: str) -> Tenant:
    """Create a tenant; its unit already acts for the identifier that it will have."""
    identifier = uuid7()
    with acting(domain=central_domain().name, organization=identifier, actor=ALICE):
        tenant = Tenant(id=identifier, name=name, slug=f"{name.lower()}-{identifier.hex[-12:]}")
        tenant.save(verbosity=0)
    return tenant


@pytest.fixture
def tenant(db: None) -> Tenant:
    """The tenant that a test is about."""
    return make_tenant("Acme")


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    """A second tenant, who must never see or touch the first one's rows."""
    return make_tenant("Umbrella")


@pytest.fixture
def committed(django_db_blocker: DjangoDbBlocker) -> Iterator[Callable[[str], Tenant]]:
    """For tests that really commit (concurrency, processes): makes fresh tenants. Rows are not taken back, the
    tenant is never seen again."""
    with django_db_blocker.unblock():
        yield make_tenant
        connections.close_all()


@contextmanager
def connection_as(
    login: str | None, *, autocommit: bool = True
) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A plain connection to the test database as a login; as the superuser (for inspection only) when None."""
    with psycopg.connect(database_url(login), autocommit=autocommit) as connection:
        yield connection


@pytest.fixture
def worker_login(committed: Callable[[str], Tenant], settings: Settings) -> Iterator[Callable[[str], Tenant]]:
    """As ``committed``, with Django's connection signed in as the worker, who may also operate."""
    settings.PROCESS_KIND = "worker"
    connection = connections["default"]
    connection.close()
    before = dict(connection.settings_dict)
    url = psycopg.conninfo.conninfo_to_dict(os.environ["WORKER_DATABASE_URL"])
    connection.settings_dict.update(USER=url["user"], PASSWORD=url["password"])
    try:
        yield committed
    finally:
        connection.close()
        connection.settings_dict.update(USER=before["USER"], PASSWORD=before["PASSWORD"])
