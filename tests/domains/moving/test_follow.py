"""Look-ups in the moment in which a domain's tables are gone from the old database."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import ProgrammingError, connections

from shared.domains.moving import follow
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


def test_who_comes_while_another_thread_takes_the_urls_anew_waits_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    file.write_text("")
    monkeypatch.setattr(settings, "ENVIRONMENT_FILE", file)
    follow_announced_move()
    steps: list[str] = []
    reading, go_on = threading.Event(), threading.Event()

    def take() -> None:
        reading.set()
        go_on.wait(10)
        steps.append("taken")

    def ask() -> None:
        follow_announced_move()
        steps.append("asked")

    monkeypatch.setattr(follow, "_take_urls_anew", take)
    os.utime(file, ns=(1, 1))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(follow_announced_move)
        assert reading.wait(10)
        second = threads.submit(ask)
        time.sleep(0.1)
        assert steps == []
        go_on.set()
        first.result()
        second.result()
    assert steps == ["taken", "asked"]
