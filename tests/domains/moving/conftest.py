"""An installation in one database, with a tenant, a key and some tickets, that a domain can move out of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation
from tests.servers import SEED, database_url


@dataclass
class Scene:
    """``file`` is the environment of commands and processes; ``key`` an API key for support and platform."""

    installation: Installation
    file: Path
    home: str
    key: str
    tenant: str
    address: str = ""
    moved_to: list[str] = field(default_factory=list)

    def manage(self, *arguments: str, check: bool = True) -> str:
        return self.installation.manage(self.file, *arguments, check=check)

    def target(self, word: str, domain: str = "") -> str:
        """The administrator's URL of a database: one that does not exist yet, or has the tables of ``domain`` already,
        as a move would make them."""
        made = (
            self.installation.copy_template(word, domain) if domain else self.installation.name_database(word)
        )
        return database_url(database=made)


def environment_of(installation: Installation, home: str) -> Path:
    """The environment's file of an installation in one database."""
    return installation.write_environment(
        "all",
        DATABASE_URL=database_url("trellis_web", database=home),
        WORKER_DATABASE_URL=database_url("trellis_worker", database=home),
        MIGRATION_DATABASE_URL=database_url("trellis_migrator", database=home),
        BOOTSTRAP_DATABASE_URL=database_url(database=home),
        LOGIN_PASSWORD_SEED=SEED,
    )


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A database with a tenant, which scenes copy, and the tenant's key."""
    with Installation(tmp_path_factory.mktemp("furnished")) as installation:
        home = installation.copy_template("furnished")
        file = environment_of(installation, home)
        installation.manage(file, "create_tenant", "Acme", "--slug", "acme")
        scopes = [f"--scope={name}:{verb}" for name in ("support", "platform") for verb in ("read", "write")]
        printed = installation.manage(
            file, "create_api_key", "acme", "tests", "--rate-limit=1000000", *scopes
        )
        found = re.search(r"trl_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", printed)
        assert found, printed
        yield home, found.group()


@pytest.fixture
def scene(furnished: tuple[str, str], tmp_path: Path) -> Iterator[Scene]:
    template, key = furnished
    with Installation(tmp_path) as installation:
        home = installation.copy_template("home", template=template)
        yield Scene(installation, environment_of(installation, home), home, key, "acme")
