from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from shared.domains.registry import MIGRATION_LOGIN, OWNER_ROLE
from tests.servers import database_url


@pytest.fixture
def migrator(django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """Django's connection, signed in as that of migrations: acts as the owner, and commits."""
    login = psycopg.conninfo.conninfo_to_dict(database_url(MIGRATION_LOGIN))
    usual = connections["default"]
    usual.close()
    settings = {
        **usual.settings_dict,
        "USER": login["user"],
        "PASSWORD": login["password"],
        "MIGRATIONS": True,
        "OPTIONS": {**usual.settings_dict["OPTIONS"], "assume_role": OWNER_ROLE},
    }
    connection = ConnectionHandler({"default": settings})["default"]
    connections["default"] = connection
    try:
        with django_db_blocker.unblock():
            yield connection
            connection.close()
    finally:
        connections["default"] = usual
