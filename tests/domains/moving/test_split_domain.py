"""Moving a domain to another database and back: what a user of the command sees, with writers at work and faults."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from shared.domains.moving.environment import announce, write_url
from shared.domains.moving.places import read_place
from shared.domains.registry import get_domain
from tests.acceptance.client import Person
from tests.domains.moving.conftest import Scene
from tests.servers import SEED, database_url

WRITERS = 4
PAUSE = 0.03  # seconds between a writer's tickets: the move is to be disturbed, not starved


@dataclass
class Writers:
    """Clients that open tickets one after the other, each request under a key of its own until it is answered."""

    scene: Scene
    address: str
    acknowledged: list[tuple[float, str, int]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Writers:
        for number in range(WRITERS):
            thread = threading.Thread(target=self._write, args=(number,), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *error: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _write(self, number: int) -> None:
        count = 0
        while not self._end.wait(PAUSE):
            count += 1
            self._open(f"writer {number} ticket {count}")

    def _open(self, subject: str) -> None:
        key = str(uuid.uuid4())
        for _ in range(100):
            status, body = post(self.address, self.scene.key, {"subject": subject, "customer_id": None}, key)
            if status == 201:
                ticket = body["ticket"]
                self.acknowledged.append((time.monotonic(), ticket["id"], ticket["number"]))
                return
            if status not in {503, 409}:
                self.faults.append(f"{status}: {body}")
                return
            time.sleep(0.02)
        self.faults.append(f"{subject}: given up")

    @property
    def longest_pause(self) -> float:
        """Seconds in which nobody got an answer."""
        times = sorted(at for at, _, _ in self.acknowledged)
        return max((after - before for before, after in itertools.pairwise(times)), default=0.0)


def post(address: str, key: str, body: dict[str, Any], idempotency: str) -> tuple[int, Any]:
    body = {name: value for name, value in body.items() if value is not None}
    request = urllib.request.Request(
        f"{address}/api/support/tickets",
        data=json.dumps({"customer_email": "ann@example.com", **body}).encode(),
        headers={
            "Authorization": f"Bearer {key}",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()[:500]


def tickets(scene: Scene, database: str) -> list[str]:
    return [str(i) for (i,) in scene.installation.rows(database, "SELECT id FROM support_app.tickets")]


def test_support_moves_and_returns_while_four_clients_write(scene: Scene) -> None:
    address = scene.installation.serve(scene.file)
    scene.installation.deliver_events(scene.file)
    target = scene.target("desk")
    name = target.rpartition("/")[2]
    with Writers(scene, address) as writers:
        time.sleep(1)
        there = scene.manage("split_domain", "support", "--to", target)
        time.sleep(1)
        middle = len(writers.acknowledged)
        back = scene.manage("split_domain", "support", "--to", database_url(database=scene.home))
        time.sleep(1)
    assert writers.faults == []
    assert "support has moved" in there
    assert "support has moved" in back
    assert 0 < middle < len(writers.acknowledged)
    expected = sorted(ticket for _, ticket, _ in writers.acknowledged)
    assert sorted(tickets(scene, scene.home)) == expected
    numbers = sorted(number for _, _, number in writers.acknowledged)
    assert len(set(numbers)) == len(numbers)
    assert "The server is as declared" in scene.manage("check_domains")
    retired = scene.installation.rows(
        name, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'support\\_app%'"
    )
    assert [schema.startswith("support_app_retired_") for (schema,) in retired] == [True]
    told = "SELECT count(*), count(DISTINCT external_id) FROM platform.customer_interactions"
    give_up = time.monotonic() + 90
    while scene.installation.rows(scene.home, told)[0][0] < len(expected) and time.monotonic() < give_up:
        time.sleep(0.2)
    assert scene.installation.rows(scene.home, told) == [(len(expected),) * 2], (
        "an event of each, and one alone"
    )
    for table in ("outbox_queue", "outbox_deliveries", "inbox_events"):
        assert scene.installation.rows(scene.home, f"SELECT * FROM shared.{table}") == []


def test_every_domain_moves_and_comes_back_and_running_processes_follow_at_once(scene: Scene) -> None:
    """All go, so that nothing lives in the common database; then each returns. The web process runs all the time."""
    printed = scene.manage("create_administrator", "acme", "ann@example.com")
    address = scene.installation.serve(scene.file)
    ann, page = Person(), f"{address}/admin/crm/deal/"
    ann.sign_in(*ann.open(page), "ann@example.com", printed.rpartition("Password: ")[2].split()[0])
    opened = [open_ticket(scene, address, "Before")]
    for domain in (
        "marketing",
        "platform",
        "crm",
        "support",
    ):  # who follows the platform finds copies of its tables
        scene.manage("seal_activity")
        before = counts(scene, scene.home, get_domain(domain).schema)
        target = scene.target(domain, domain)
        scene.manage("split_domain", domain, "--to", target)
        assert f"{domain.upper()}_DATABASE_URL=" in scene.file.read_text()
        assert counts(scene, target.rpartition("/")[2], get_domain(domain).schema) == before
    assert "The server is as declared" in scene.manage("check_domains")
    memory_is_whole(scene)
    opened.append(open_ticket(scene, address, "Apart"))
    seen = [ann.open(page)[0] for _ in range(3)]
    assert "Server Error" not in "".join(seen)
    assert "Select deal" in seen[-1] or "deals" in seen[-1]

    for domain in (
        "support",
        "platform",
        "crm",
        "marketing",
    ):  # with the first the common database is in use again
        printed = scene.manage("split_domain", domain, "--to", database_url(database=scene.home))
        assert f"{domain} has moved" in printed
        assert f"{domain.upper()}_DATABASE_URL" not in scene.file.read_text()
        assert health_of_migrations(address) == ["ok"] * 2 * WRITERS
        opened.append(open_ticket(scene, address, f"After {domain}"))
        scene.manage("create_api_key", "acme", f"after {domain}", "--scope=support:read")
    assert sorted(tickets(scene, scene.home)) == sorted(opened)
    assert "The server is as declared" in scene.manage("check_domains")
    memory_is_whole(scene)


def open_ticket(scene: Scene, address: str, subject: str) -> str:
    """Open a ticket, with the customer at hand; returns its id."""
    status, answer = post(address, scene.key, {"subject": subject}, str(uuid.uuid4()))
    assert status == 201, answer
    assert answer["degraded"] is False
    identifier: str = answer["ticket"]["id"]
    return identifier


def health_of_migrations(address: str) -> list[str]:
    """What /health/migrations says, asked at once as often as the process has threads."""

    def ask(_: int) -> str:
        try:
            with urllib.request.urlopen(f"{address}/health/migrations", timeout=10) as health:
                return str(json.load(health)["status"])
        except urllib.error.HTTPError as error:
            return error.read().decode()

    with ThreadPoolExecutor(2 * WRITERS) as threads:
        return list(threads.map(ask, range(2 * WRITERS)))


def memory_is_whole(scene: Scene) -> None:
    """Versions and sealed entries have come along, and what is written after the move follows them."""
    scene.manage("seal_activity")
    assert "as it was sealed" in scene.manage("verify_activity")
    assert "is what its versions say" in scene.manage("verify_history")


def counts(scene: Scene, database: str, schema: str) -> dict[str, int]:
    """Rows of each table, the ledger's too."""
    tables = scene.installation.rows(
        database,
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
        [schema],
    )
    return {
        table: scene.installation.rows(database, f'SELECT count(*) FROM "{schema}"."{table}"')[0][0]
        for (table,) in tables
    }


def kill_at(moment: str, scene: Scene, target: str) -> None:
    """Kill the command as it says a word."""
    process = scene.installation.start_command(scene.file, "split_domain", "support", "--to", target)
    assert process.stdout is not None
    for line in process.stdout:
        if moment in line:
            process.kill()
            break
    process.wait()
    process.stdout.close()


MOMENTS = ("support_app.tickets:", "Switching")
"""In the middle of copying, and after comparing; the tests below kill at the others."""


def test_a_move_that_is_killed_again_and_again_goes_on(scene: Scene) -> None:
    """Killed as it says each of the words, the command finishes when it is run again; nothing is lost or doubled."""
    address = scene.installation.serve(scene.file)
    target = scene.target("desk", "support")
    with Writers(scene, address) as writers:
        for moment in MOMENTS:
            kill_at(moment, scene, target)
        again = scene.manage("split_domain", "support", "--to", target, check=False)
        time.sleep(0.5)
    assert writers.faults == []
    assert "support has moved" in again or "lives in" in again
    found = tickets(scene, target.rpartition("/")[2])
    assert sorted(found) == sorted(ticket for _, ticket, _ in writers.acknowledged)
    assert "The server is as declared" in scene.manage("check_domains")


def test_who_cleans_up_is_waited_for_while_writers_go_on(scene: Scene) -> None:
    """Autovacuum lets go of a table a second after it is asked to: that second is not the writers'."""
    target = scene.target("desk", "support")
    process = scene.installation.start_command(scene.file, "split_domain", "support", "--to", target)
    assert process.stdout is not None
    said = []
    with ThreadPoolExecutor(1) as cleaner:
        for line in process.stdout:
            said.append(line)
            if "Comparing" in line:
                cleaner.submit(clean_up_as_long_as_it_moves, process, target.rpartition("/")[2])
        process.wait()
    process.stdout.close()
    [waited] = [line for line in said if "Writers waited for" in line]
    assert float(waited.split()[-2]) < 0.8, said


def clean_up_as_long_as_it_moves(process: subprocess.Popen[str], database: str) -> None:
    """Hold the lock of VACUUM for a second, again and again."""
    with psycopg.connect(database_url(database=database), autocommit=True) as connection:
        while process.poll() is None:
            with connection.transaction():
                connection.execute("LOCK TABLE support_app.tickets IN SHARE UPDATE EXCLUSIVE MODE")
                time.sleep(1)
            time.sleep(0.02)


def test_bad_targets_are_one_sentence_and_change_nothing(scene: Scene) -> None:
    def refuse(to: str, domain: str = "support") -> str:
        return scene.manage("split_domain", domain, "--to", to, check=False).strip().splitlines()[-1]

    before = scene.file.read_text()
    home = database_url(database=scene.home)
    assert "already" in refuse(home)
    assert "There is no domain 'sales'" in refuse(home, "sales")
    assert "must look like" in refuse("not a url")
    assert "cannot be reached" in refuse("postgresql://postgres:x@127.0.0.1:9/elsewhere")
    web = database_url("trellis_web", database=scene.installation.name_database("nobody"))
    assert "may not create" in refuse(web)
    full = scene.installation.copy_template("full")
    with psycopg.connect(database_url(database=full), autocommit=True) as connection:
        connection.execute("CREATE TABLE support_app.old (id int PRIMARY KEY)")
        connection.execute(
            "ALTER TABLE support_app.old OWNER TO trellis_owner; INSERT INTO support_app.old VALUES (1)"
        )
    assert "already holds rows of support" in refuse(database_url(database=full))
    assert scene.file.read_text() == before
    assert (
        scene.installation.rows(scene.home, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'move%'")
        == []
    )


def test_a_move_that_is_half_done_is_finished_or_undone(scene: Scene) -> None:
    target, other = scene.target("desk", "support"), scene.target("other")
    kill_at("Comparing", scene, target)
    refused = scene.manage("split_domain", "support", "--to", other, check=False)
    assert "is half done: finish it with --to that database, or undo it with --abandon" in refused
    assert "is undone" in scene.manage("split_domain", "support", "--to", target, "--abandon")
    assert "SUPPORT_DATABASE_URL" not in scene.file.read_text()
    assert "The server is as declared" in scene.manage("check_domains")
    assert "No move of support" in scene.manage(
        "split_domain", "support", "--to", target, "--abandon", check=False
    )
    assert "support has moved" in scene.manage("split_domain", "support", "--to", target)


def test_a_move_that_has_switched_is_finished_and_not_undone(scene: Scene) -> None:
    address = scene.installation.serve(scene.file)
    status, answer = post(address, scene.key, {"subject": "Before"}, str(uuid.uuid4()))
    assert status == 201, answer
    target = scene.target("desk", "support")
    kill_at("Opening", scene, target)
    [(opened,)] = scene.installation.rows(
        target.rpartition("/")[2], "SELECT has_schema_privilege('trellis_support', 'support_app', 'USAGE')"
    )
    if not opened:
        refused = scene.manage("prepare_database", check=False)
        assert "is half done: run its split_domain support --to … again" in refused
    refused = scene.manage("split_domain", "support", "--to", target, "--abandon", check=False)
    assert "has switched to" in refused
    assert "support has moved" in scene.manage("split_domain", "support", "--to", target)
    assert tickets(scene, target.rpartition("/")[2]) == [answer["ticket"]["id"]]
    [(unknown,)] = scene.installation.rows(
        target.rpartition("/")[2],
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'support_app'::regnamespace AND relkind IN ('r', 'p') "
        "AND reltuples < 0",
    )
    assert unknown == 0, "PostgreSQL has statistics of every table as it opens"
    assert "The server is as declared" in scene.manage("check_domains")


@pytest.mark.parametrize("end", ["--abandon", "finished"])
def test_killed_between_the_file_and_the_switch(scene: Scene, end: str) -> None:
    """The file names the target, and processes that look into it go there; but the source still holds."""
    target, other = scene.target("desk", "support"), scene.target("other")
    address = scene.installation.serve(scene.file)
    with Writers(scene, address) as early:
        time.sleep(0.5)
    kill_at("Comparing", scene, target)
    place = read_place(target)
    write_url(scene.file, get_domain("support"), place, SEED)
    announce(scene.file)
    assert "is half done" in scene.manage("split_domain", "support", "--to", other, check=False)
    with Writers(scene, address) as late:
        time.sleep(0.3)
        arguments = ["--abandon"] if end == "--abandon" else []
        printed = scene.manage("split_domain", "support", "--to", target, *arguments)
        time.sleep(0.5)
    assert ("is undone" if arguments else "support has moved") in printed
    assert ("SUPPORT_DATABASE_URL" in scene.file.read_text()) is not bool(arguments)
    assert early.faults == late.faults == []
    assert late.acknowledged
    found = tickets(scene, scene.home if arguments else place.name)
    assert sorted(found) == sorted(t for those in (early, late) for _, t, _ in those.acknowledged)
    assert "The server is as declared" in scene.manage("check_domains")
