"""Who comes when is decided by rollouts alone: what migrating, provisioning and features do and refuse."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from shared.domains.registry import domains
from tests.installations import Installation, installation
from tests.tenancy.rollout.conftest import NEW, Scene, make_tenants

SPLIT = ("platform", "support", "crm", "marketing")


@pytest.fixture(scope="module")
def calm() -> Iterator[Scene]:
    """Two tenants, one a version behind; tests leave them so."""
    with installation(copied=True) as made:
        schemas = make_tenants(made, "acme", to=NEW) | make_tenants(made, "birch")
        yield Scene(made, schemas)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["quickboks", "--all"],
            "nothing called 'quickboks' to roll out: choose among quickbooks, quickbooks_matching",
        ),
        (["quickbooks"], "Say to whom: rollout quickbooks --tenant SLUG, --percent N or --all"),
        (["quickbooks", "--tenant", "nobody"], "There is no tenant 'nobody' that has quickbooks"),
        (["quickbooks", "--percent", "0"], "Give --percent a number above 0, and 100 at most"),
        (["quickbooks", "--percent", "101"], "Give --percent a number above 0, and 100 at most"),
        (["quickbooks", "--percent", "nan"], "Give --percent a number above 0, and 100 at most"),
        (
            ["quickbooks", "--all", "--to", "0009"],
            "quickbooks has no migration '0009': give one of 0001_initial",
        ),
        (["quickbooks", "--all", "--to", "00"], "several migrations that begin with '00'"),
        (["quickbooks_matching", "--all", "--to", "0003"], "is a feature: give --to on or --to off"),
        (["pause", "--all"], "rollout pause is for the wave as it is: leave the options out"),
        (["resume"], "There is no wave to resume"),
        (["quickbooks_matching", "--tenant", "birch", "--tenant", "nobody"], "There is no tenant 'nobody'"),
    ],
)
def test_what_cannot_be_rolled_out_is_said_in_a_sentence(
    calm: Scene, arguments: list[str], sentence: str
) -> None:
    assert sentence in calm.refused(*arguments)


def test_only_the_owner_rolls_out(calm: Scene) -> None:
    done = calm.made.manage("rollout", "quickbooks", "--all", TRELLIS_PROCESS="worker")
    assert done.returncode == 1
    assert "Rolling out acts as the owner" in done.stderr
    with calm.made.connection(login="trellis_web") as session:
        for domain in domains():
            for table in ("rollout_waves", "rollout_steps"):
                for statement in (f"SELECT * FROM shared.{table}", f"DELETE FROM shared.{table}"):
                    session.execute(f"SET ROLE {domain.role}")
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        session.execute(statement)
            if not domain.central:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    session.execute("UPDATE shared.tenants SET schema_version = 3")


def test_migrating_holds_and_tells_who_waits(calm: Scene) -> None:
    before = calm.reached()
    assert f"Tenants that wait for {NEW}: 1. manage.py rollout quickbooks" in calm.made.must(
        "migrate_domains"
    )
    assert f"Tenants that wait for {NEW}: 1" in calm.made.must("migrate")
    calm.made.must("migrate", "--hold", ROLL_OUT_AT_ONCE="1")
    calm.made.must("migrate_domain", "crm", ROLL_OUT_AT_ONCE="1")
    for command in (
        ["migrate_schemas"],
        ["migrate", "--tenant"],
        ["migrate", "--schema", calm.schemas["birch"]],
    ):
        done = calm.made.manage(*command)
        assert done.returncode == 1
        assert "rollout" in done.stderr
    assert calm.reached() == before == {"acme": 3, "birch": 2}


def test_provisioning_makes_new_tenants_at_the_newest_and_leaves_the_others(calm: Scene) -> None:
    calm.made.must("create_tenant", "Cedar", "--slug", "cedar")
    said = calm.made.must("provision")
    assert "of Cedar" in said
    assert "Birch" not in said
    assert "Nothing was missing" in calm.made.must("provision", "--tenant", "birch")
    (identifier,) = calm.ask("SELECT replace(id::text, '-', '') FROM shared.tenants WHERE slug = 'cedar'")
    calm.schemas["cedar"] = f"tenant_{identifier[0]}"
    assert calm.reached() == {"acme": 3, "birch": 2, "cedar": 3}
    with calm.made.connection() as superuser:
        superuser.execute(f"DROP SCHEMA {calm.schemas.pop('cedar')} CASCADE")
    assert "of Cedar" not in calm.made.must("provision"), "what was dropped stays dropped"
    assert "no tenant 'cedar' that has quickbooks" in calm.refused("quickbooks", "--tenant", "cedar")


def test_a_feature_waits_for_the_schema_that_it_needs(calm: Scene) -> None:
    said = calm.refused("quickbooks_matching", "--all")
    assert (
        "Birch (birch) could not be brought to on: its own schema is at version 2, and the feature needs 3"
        in said
    )
    switched = (
        "SELECT slug, settings #>> '{features,quickbooks_matching}' FROM shared.tenants WHERE slug <> 'cedar'"
    )
    assert dict(calm.ask(switched)) == {"acme": "true", "birch": None}
    calm.rollout("abandon")
    calm.rollout("quickbooks_matching", "--tenant", "acme", "--to", "off")
    assert dict(calm.ask(switched)) == {"acme": "false", "birch": None}


def test_migrating_reaches_everybody_where_it_is_told_to() -> None:
    with installation(copied=True) as made:
        scene = Scene(made, make_tenants(made, "acme", "birch"))
        said = made.must("migrate_domains", ROLL_OUT_AT_ONCE="1")
        assert f"[2/2] birch: quickbooks {NEW}" in said
        assert scene.reached() == {"acme": 3, "birch": 3}


@pytest.fixture(scope="module")
def split() -> Iterator[Installation]:
    with installation(*SPLIT, copied=True) as made:
        yield made


def test_where_domains_are_split_each_change_happens_where_it_lives(split: Installation) -> None:
    for slug in ("acme", "birch"):
        split.must("create_tenant", slug.title(), "--slug", slug)
    scene = Scene(split, make_tenants(split, "acme", "birch", alias="crm"), home="crm")
    scene.rollout("quickbooks", "--tenant", "acme")
    assert scene.reached() == {"acme": 3, "birch": 2}
    said = scene.rollout("quickbooks_matching", "--tenant", "acme")
    assert "sync_tenancy" in said
    assert "schema is at version 2" in scene.refused("quickbooks_matching", "--all")
    scene.rollout("abandon")
    split.must("sync_tenancy")
    assert scene.ask("SELECT slug, settings -> 'features' FROM shared.tenants ORDER BY slug") == [
        ("acme", {"quickbooks_matching": True}),
        ("birch", None),
    ]
    assert scene.reached() == {"acme": 3, "birch": 2}, "each database counts its own"
