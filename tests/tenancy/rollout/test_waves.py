"""A wave brings migrations of tenants' own schemas to one tenant after the other, and stops where one fails."""

from __future__ import annotations

import signal
import time

from psycopg import sql

from tests.tenancy.rollout.conftest import NEW, TABLE, Scene

BEHIND = {"acme": 2, "birch": 2, "cedar": 2, "delta": 2}
AHEAD = dict.fromkeys(BEHIND, 3)


def wait_for(scene: Scene, text: str) -> None:
    """Wait until a migration waits for a lock, or tries again."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if scene.ask("SELECT FROM shared.rollout_steps WHERE state = 'done' HAVING count(*) = %s", int(text)):
            return
        time.sleep(0.1)
    raise AssertionError("the wave never came so far")


def test_one_tenant_some_and_all(scene: Scene) -> None:
    assert scene.reached() == BEHIND
    said = scene.rollout("quickbooks", "--tenant", "birch")
    assert f"[1/1] birch: quickbooks {NEW}" in said
    assert scene.reached() == {**BEHIND, "birch": 3}

    scene.rollout("quickbooks", "--percent", "60")
    some = scene.reached()
    assert "none of the chosen tenants lacks" in scene.rollout("quickbooks", "--percent", "60"), (
        "the same ones"
    )
    status = scene.rollout("status")
    assert f"at {NEW}" in status

    scene.rollout("quickbooks", "--all")
    assert scene.reached() == AHEAD
    assert some.items() >= {"birch": 3}.items()
    assert scene.made.must("check_domains").endswith("✓ The server is as declared.\n")


def test_a_server_with_tenants_at_two_versions_is_as_declared(scene: Scene) -> None:
    scene.rollout("quickbooks", "--tenant", "acme", "--tenant", "delta")
    assert scene.reached() == {**BEHIND, "acme": 3, "delta": 3}
    assert scene.made.must("check_domains").endswith("✓ The server is as declared.\n")
    with scene.made.connection() as owner:
        owner.execute(
            sql.SQL("ALTER TABLE {} DROP COLUMN sync_token").format(
                sql.Identifier(scene.schemas["birch"], TABLE)
            )
        )
    assert "sync_token is missing" in scene.made.manage("check_domains").stdout, (
        "the old version is checked, too"
    )


def test_a_failing_tenant_stops_the_wave_and_is_named(scene: Scene) -> None:
    birch = sql.Identifier(scene.schemas["birch"], TABLE)
    with scene.made.connection() as superuser:
        superuser.execute(sql.SQL("ALTER TABLE {} ADD COLUMN email_norm text").format(birch))
    said = scene.refused("quickbooks", "--all")
    assert "Birch (birch) could not be brought to 0003_email_norm" in said
    assert 'column "email_norm" of relation' in said
    assert "1 of 4 are done, the others are as they were" in said
    versions = dict(scene.ask("SELECT slug, schema_version FROM shared.tenants"))
    assert versions == {**BEHIND, "acme": 3}
    status = scene.rollout("status")
    assert "stopped by a failure; 1 of 4 done" in status
    assert "✗ birch: column" in status
    assert "is not finished: rollout resume goes on with it" in scene.refused(
        "quickbooks", "--tenant", "delta"
    )
    assert "could not be brought" in scene.refused("resume"), "nothing was mended"

    with scene.made.connection() as superuser:
        superuser.execute(sql.SQL("ALTER TABLE {} DROP COLUMN email_norm").format(birch))
    said = scene.rollout("resume")
    assert "[2/4] birch" in said
    assert scene.reached() == AHEAD
    assert scene.ask("SELECT state, count(*) FROM shared.rollout_steps GROUP BY 1") == [("done", 4)]
    assert "There is no wave to resume" in scene.refused("resume")


def test_a_wave_pauses_after_the_tenant_that_it_is_at_and_goes_on(scene: Scene) -> None:
    with scene.held("birch"):
        running = scene.begin("quickbooks", "--all")
        wait_for(scene, "1")
        assert "Another process is rolling out" in scene.refused("quickbooks", "--tenant", "delta")
        assert "Another process is rolling out" in scene.refused("abandon")
        assert "running; 1 of 4 done" in scene.rollout("status")
        assert "Pauses after the tenant" in scene.rollout("pause")
    said, error = running.communicate(timeout=90)
    assert running.returncode == 0, error
    assert "Paused, 2 of 4 are done" in said
    assert scene.reached() == {**BEHIND, "acme": 3, "birch": 3}
    assert "paused; 2 of 4 done" in scene.rollout("status")
    assert "There is no wave running" in scene.refused("pause")
    said = scene.rollout("resume")
    assert "acme" not in said, "who is done is done"
    assert scene.reached() == AHEAD


def test_a_wave_that_was_killed_goes_on(scene: Scene) -> None:
    with scene.held("cedar"):
        running = scene.begin("quickbooks", "--all")
        wait_for(scene, "2")
        running.send_signal(signal.SIGKILL)
        running.communicate()
        time.sleep(0.5)  # the server notices
        assert "interrupted, rollout resume goes on; 2 of 4 done" in scene.rollout("status")
    said = scene.rollout("resume")
    assert "[3/4] cedar" in said
    assert scene.reached() == AHEAD
    assert scene.made.must("verify_history").endswith("✓ Every record is what its versions say.\n")


def test_an_abandoned_wave_leaves_everybody_where_they_are(scene: Scene) -> None:
    with scene.held("birch"):
        running = scene.begin("quickbooks", "--all")
        wait_for(scene, "1")
        running.kill()
        running.communicate()
        time.sleep(0.5)
    assert "who has the change keeps it" in scene.rollout("abandon")
    assert scene.reached() == {**BEHIND, "acme": 3}
    assert "There is no wave to abandon" in scene.refused("abandon")
    scene.rollout("quickbooks", "--tenant", "delta")
    assert scene.reached() == {**BEHIND, "acme": 3, "delta": 3}


def test_a_tenant_goes_back(scene: Scene) -> None:
    scene.rollout("quickbooks", "--tenant", "acme")
    scene.rollout("quickbooks_matching", "--tenant", "acme")
    said = scene.refused("quickbooks", "--tenant", "acme", "--to", "0002")
    assert "the feature quickbooks_matching needs version 3" in said
    scene.rollout("abandon")
    scene.rollout("quickbooks_matching", "--tenant", "acme", "--to", "off")
    scene.rollout("quickbooks", "--tenant", "acme", "--to", "0002")
    assert scene.reached() == BEHIND
    assert scene.made.must("check_domains").endswith("✓ The server is as declared.\n")
