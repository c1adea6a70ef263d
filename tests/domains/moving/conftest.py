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

    def target(self, word: str) -> str:
        """The administrator's URL of a database that does not exist yet."""
        return database_url(database=self.installation.name_database(word))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with Installation(tmp_path) as installation:
        home = installation.copy_template("home")
        file = installation.write_environment(
            "all",
            DATABASE_URL=database_url("trellis_web", database=home),
            WORKER_DATABASE_URL=database_url("trellis_worker", database=home),
            MIGRATION_DATABASE_URL=database_url("trellis_migrator", database=home),
            BOOTSTRAP_DATABASE_URL=database_url(database=home),
            LOGIN_PASSWORD_SEED=SEED,
        )
        installation.manage(file, "create_tenant", "Acme", "--slug", "acme")
        scopes = [f"--scope={name}:{verb}" for name in ("support", "platform") for verb in ("read", "write")]
        printed = installation.manage(
            file, "create_api_key", "acme", "tests", "--rate-limit=1000000", *scopes
        )
        found = re.search(r"trl_[a-z0-9]{8}_[A-Za-z0-9_-]{43}", printed)
        assert found, printed
        yield Scene(installation, file, home, found.group(), "acme")
