"""Look-ups in the moment in which a domain's tables are gone from the old database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connections

from shared.domains.moving.follow import follow_announced_move, following, use_databases


def refused(error: psycopg.Error) -> ProgrammingError:
    """As Django raises it."""
    found = ProgrammingError(str(error))
    found.__cause__ = error
    return found


def test_a_look_up_is_made_again_where_the_domain_has_gone() -> None:
    errors = [refused(psycopg.errors.InsufficientPrivilege("permission denied for schema shared"))]

    def read() -> str:
        if errors:
            raise errors.pop()
        return "found"

    assert following(read) == "found"


def test_another_error_stays_one() -> None:
    def read() -> str:
        raise refused(psycopg.errors.InsufficientPrivilege("permission denied for table tickets"))

    with pytest.raises(ProgrammingError, match="for table tickets"):
        following(read)


def test_every_thread_leaves_the_old_database_not_only_the_one_that_looked() -> None:
    """Health asks nothing that would fail in the old one: another domain may live there."""
    before = settings.DATABASES

    def database() -> str:
        follow_announced_move()
        return str(connections["default"].settings_dict["NAME"])

    with ThreadPoolExecutor(1) as another:
        assert another.submit(database).result() == before["default"]["NAME"]
        try:
            use_databases({**before, "default": {**before["default"], "NAME": "elsewhere"}})
            assert another.submit(database).result() == "elsewhere"
        finally:
            use_databases(before)
        assert another.submit(database).result() == before["default"]["NAME"]
