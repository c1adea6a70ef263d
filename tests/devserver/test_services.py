"""Embedded servers: they keep data and ports, serve many users, and end with the last of them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from shared.devserver.keeper import State
from shared.devserver.ports import is_free
from shared.devserver.refusal import Refusal
from shared.devserver.services import Services

ROOT = Path(__file__).resolve().parents[2]


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether ``condition`` comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def query(url: str, statement: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def user_of(home: Path) -> subprocess.Popen[str]:
    """Another process that uses the servers of ``home`` until it is killed."""
    code = (
        "import sys, time; from pathlib import Path; from shared.devserver.services import Services;"
        "Services(Path(sys.argv[1]), durable=False).start(); print('started', flush=True); time.sleep(600)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def test_data_and_ports_survive_a_restart(shared_home: Path) -> None:
    services = Services(shared_home)
    first = services.start()
    query(first.bootstrap_database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
    redis.Redis.from_url(first.redis_url).set("kept", "yes")
    services.stop()
    assert is_free(port_of(first.bootstrap_database_url))
    assert is_free(port_of(first.redis_url))

    with Services(shared_home) as second:
        assert second == first
        assert query(second.bootstrap_database_url, "SELECT answer FROM kept") == 42
        assert redis.Redis.from_url(second.redis_url, decode_responses=True).get("kept") == "yes"


def test_servers_are_postgresql_18_with_what_the_platform_relies_on(shared_home: Path) -> None:
    with Services(shared_home) as urls:
        assert str(query(urls.bootstrap_database_url, "SHOW server_version")).startswith("18.")
        assert query(urls.bootstrap_database_url, "SHOW wal_level") == "logical"
        assert query(urls.bootstrap_database_url, "SHOW fsync") == "on"
        assert query(urls.bootstrap_database_url, "SELECT lower('ÅÉ')") == "åé"
        assert "pg_stat_statements" in str(
            query(urls.bootstrap_database_url, "SHOW shared_preload_libraries")
        )


def test_test_servers_trade_durability_for_speed(shared_home: Path) -> None:
    with Services(shared_home, durable=False) as urls:
        assert query(urls.bootstrap_database_url, "SHOW fsync") == "off"


def test_neither_server_answers_without_its_password(shared_home: Path) -> None:
    with Services(shared_home) as urls:
        port = port_of(urls.bootstrap_database_url)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres")
        stranger = redis.Redis(port=port_of(urls.redis_url), retry=Retry(NoBackoff(), 0))
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert (shared_home / "services.json").stat().st_mode & 0o077 == 0


def test_two_homes_run_side_by_side(shared_home: Path, home: Path) -> None:
    with Services(shared_home) as here, Services(home, durable=False) as there:
        query(here.bootstrap_database_url, "CREATE TABLE only_here ()")
        assert query(there.bootstrap_database_url, "SELECT to_regclass('only_here')") is None


def test_servers_stay_for_a_second_user_and_end_with_the_last(shared_home: Path) -> None:
    first, second = Services(shared_home), Services(shared_home)
    urls = first.start()
    assert second.start() == urls
    first.stop()
    assert query(urls.bootstrap_database_url, "SELECT 1") == 1
    second.stop()
    assert not second.running()
    assert is_free(port_of(urls.bootstrap_database_url))


@pytest.mark.faults
def test_servers_end_when_their_only_user_is_killed(shared_home: Path) -> None:
    process = user_of(shared_home)
    services = Services(shared_home)
    assert services.running()
    process.kill()
    process.communicate()
    assert eventually(lambda: not services.running())
    assert is_free(State.read(shared_home).postgres_port or 0)


@pytest.mark.faults
def test_a_killed_keeper_takes_the_servers_along_and_the_next_start_recovers(shared_home: Path) -> None:
    process = user_of(shared_home)
    state = State.read(shared_home)
    assert state.keeper
    assert state.postgres_port
    assert state.valkey_port
    query(state.bootstrap_database_url, "CREATE TABLE before_the_kill ()")
    os.kill(state.keeper, signal.SIGKILL)
    assert eventually(lambda: is_free(state.postgres_port or 0) and is_free(state.valkey_port or 0))
    process.kill()
    process.communicate()
    with Services(shared_home) as urls:
        assert (
            query(urls.bootstrap_database_url, "SELECT to_regclass('before_the_kill')::text")
            == "before_the_kill"
        )


def test_a_remembered_port_that_is_taken_meanwhile_is_replaced(shared_home: Path) -> None:
    with Services(shared_home) as urls:
        before = port_of(urls.bootstrap_database_url)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", before))
        other.listen()
        with Services(shared_home) as urls:
            assert port_of(urls.bootstrap_database_url) != before
            assert query(urls.bootstrap_database_url, "SELECT 1") == 1


def data_of(home: Path) -> Path:
    """Where PostgreSQL's files lie, which is elsewhere when its account may not enter the home."""
    from shared.devserver.accounts import data_folder, server_account

    return data_folder(home, server_account(), State.read(home).identity) / "data"


def test_a_stale_pid_file_of_another_process_does_not_hinder_the_start(shared_home: Path) -> None:
    Services(shared_home).start()
    Services(shared_home).halt()
    (data_of(shared_home) / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n0\n5432\n\n\n\nready\n")
    with Services(shared_home) as urls:
        assert query(urls.bootstrap_database_url, "SELECT 1") == 1


def test_data_of_another_major_version_are_refused_with_what_to_do(home: Path) -> None:
    with Services(home, durable=False):
        pass
    version = data_of(home) / "PG_VERSION"
    version.write_text("17\n")
    with pytest.raises(Refusal, match=r"PostgreSQL 17, the server is now 18: dump them .* or start afresh"):
        Services(home).start()
    assert not Services(home).running()
    assert version.read_text() == "17\n"


def test_only_what_is_asked_for_is_started(home: Path) -> None:
    with Services(home, postgres=False) as urls:
        assert urls.bootstrap_database_url == ""
        assert redis.Redis.from_url(urls.redis_url).ping() is True
        with pytest.raises(Refusal, match="run without one that is needed"):
            Services(home).start()


def test_servers_end_when_their_home_is_removed(home: Path) -> None:
    services = Services(home, postgres=False)
    urls = services.start()
    (home / "services.json").unlink()
    assert eventually(lambda: is_free(port_of(urls.redis_url)))
    services.stop()


def test_a_home_of_another_user_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    with pytest.raises(Refusal, match=r"belongs to the user .*: run make as"):
        Services(home).start()


def test_the_command_line_holds_servers_until_they_are_stopped(home: Path) -> None:
    def command(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "shared.devserver.services", *arguments, "--home", str(home)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    assert "REDIS_URL=redis://" in command("start", "--fast")
    assert command("status") == "running"
    state = json.loads((home / "services.json").read_text())
    assert query(state["bootstrap_database_url"], "SELECT 1") == 1
    command("stop")
    assert command("status") == "stopped"
