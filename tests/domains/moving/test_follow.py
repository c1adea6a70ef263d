"""Look-ups in the moment in which a domain's tables are gone from the old database."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError

from shared.domains.moving.follow import following


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
