"""`manage.py startdomain` in a copy of the checkout, on a server that knew nothing of the domain: it works at once,
and goes without a trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from shared.devserver.services import Services
from shared.domains.logins import login_url
from shared.domains.registry import MIGRATION_LOGIN, WEB_LOGIN
from shared.startdomain.tree import Changes, copy_of
from shared.startdomain.words import RefusedNameError, Words, plural_of
from tests.servers import ROOT, SEED

PYTHON = sys.executable
MANAGE = (PYTHON, "-W", "ignore", "manage.py")


@dataclass
class Checkout:
    """A copy of this checkout with a server of its own: roles belong to a server, and others use the suite's."""

    folder: Path
    bootstrap: str
    database: str = "trellis_before"

    def run(self, *command: str, fails: bool = False, **variables: str) -> str:
        """Run a command there; returns what it said."""
        done = subprocess.run(
            command, cwd=self.folder, env={**self._environment(), **variables}, capture_output=True, text=True
        )
        said = f"{done.stdout}\n{done.stderr}"
        assert bool(done.returncode) is fails, f"{' '.join(command)}\n{said[-6000:]}"
        return said

    def manage(self, *command: str, fails: bool = False) -> str:
        return self.run(*MANAGE, *command, fails=fails)

    def files(self) -> dict[str, bytes]:
        """What lies in the folder, caches and git's own left out."""
        kept = (p for p in self.folder.rglob("*") if p.is_file() and p.suffix != ".pyc")
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in kept
            if not any(
                part.endswith("_cache") or part in {".git", ".dev"}
                for part in path.relative_to(self.folder).parts
            )
        }

    def become_template(self) -> None:
        """The migrated database is what the copy's own tests copy: so they run on one that was there before."""
        code = "from tests.servers import _fingerprint; print(_fingerprint())"
        template = f"trellis_template_{self.run(PYTHON, '-c', code).strip()}"
        with psycopg.connect(self.bootstrap, autocommit=True) as connection:
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(self.database), sql.Identifier(template)))

    def _environment(self) -> dict[str, str]:
        url = self.bootstrap.removesuffix("/postgres") + f"/{self.database}"
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("TRELLIS_", "PYTEST_"))
        }
        return {
            **ours,
            "TRELLIS_ENV_FILE": os.devnull,
            "BOOTSTRAP_DATABASE_URL": url,
            "DATABASE_URL": login_url(url, WEB_LOGIN, SEED),
            "MIGRATION_DATABASE_URL": login_url(url, MIGRATION_LOGIN, SEED),
        }


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    with (
        copy_of(ROOT) as folder,
        Services(tmp_path / "server", durable=False, valkey=False) as urls,
    ):
        made = Checkout(folder, urls.bootstrap_database_url)
        made.run("git", "init", "--quiet")
        made.run("git", "add", "--all")
        yield made


@pytest.mark.slow
def test_a_further_domain_works_at_once_and_goes_without_a_trace(checkout: Checkout) -> None:
    before = checkout.files()
    checkout.manage("prepare_database")
    checkout.manage("migrate")

    assert "manage.py check_domains" in checkout.manage("startdomain", "bookkeeping")
    assert "There is a domain" in checkout.manage("startdomain", "bookkeeping", fails=True)
    checkout.manage("prepare_database")
    checkout.manage("migrate")
    checked = checkout.manage("check_domains")
    assert "as declared" in checked
    assert "bookkeeping" in checked

    with ThreadPoolExecutor(1) as meanwhile:
        told = meanwhile.submit(_static_checks, checkout)
        checkout.become_template()
        tested = checkout.run(
            PYTHON, "-m", "pytest", "-q", "tests/bookkeeping", "tests/architecture",
            "tests/domains/test_check_domains.py::test_the_matrix_is_the_designs",
            DATABASE_URL=checkout.bootstrap,
        )  # fmt: skip
        told.result()
    assert " passed" in tested

    service = checkout.folder / "bookkeeping/services/entry.py"
    made = service.read_bytes()
    service.write_bytes(made + b"# more\n")
    assert "bookkeeping/services/entry.py" in checkout.manage(
        "startdomain", "bookkeeping", "--remove", fails=True
    )
    service.write_bytes(made)
    checkout.manage("startdomain", "bookkeeping", "--remove")
    assert checkout.files() == before


def _static_checks(checkout: Checkout) -> None:
    """As CI checks a domain that people wrote. What mypy knows of the checkout, it need not find out again."""
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", checkout.folder / ".mypy_cache", dirs_exist_ok=True)
    for command in (
        "ruff check --no-cache .",
        "ruff format --no-cache --check .",
        "lint-imports --no-cache",
        "mypy",
    ):
        program, *options = command.split()
        checkout.run(str(Path(PYTHON).with_name(program)), *options)
    checkout.manage("makemigrations", "--check", "--dry-run")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"app": "Bookkeeping"}, "small letters"),
        ({"app": "book-keeping"}, "small letters"),
        ({"app": "book__keeping"}, "small letters"),
        ({"app": "b" * 21}, "at most 20"),
        ({"app": ""}, "small letters"),
        ({"app": "../escape"}, "small letters"),
        ({"app": "support"}, "There is a domain"),
        ({"app": "platform_core"}, "There is a domain"),
        ({"app": "intelligence"}, "There is a domain"),
        ({"app": "class"}, "word of Python"),
        ({"app": "json"}, "module"),
        ({"app": "docs"}, "folder"),
        ({"app": "auth"}, "module"),
        ({"app": "web"}, "means something else"),
        ({"app": "bootstrap"}, "means something else"),
        ({"app": "fine", "schema": "crm"}, "--schema"),
        ({"app": "fine", "schema": "pg_fine"}, "--schema"),
        ({"app": "fine", "schema": "tenant_fine"}, "--schema"),
        ({"app": "fine", "entity": "ticket"}, "word of support already"),
        ({"app": "fine", "entity": "record"}, "word of the kit"),
        ({"app": "fine", "entity": "list"}, "word of Python"),
        ({"app": "fine", "entity": "sheep", "plural": "sheep"}, "--plural"),
        ({"app": "fine", "title": 'Fine"); import os'}, "title"),
    ],
    ids=lambda value: " ".join(value.values()) if isinstance(value, dict) else "",
)
def test_words_that_cannot_be_used_are_refused_in_a_sentence(asked: dict[str, str], said: str) -> None:
    with pytest.raises(RefusedNameError) as refused:
        Words.of(**asked).check()  # type: ignore[arg-type]
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("word", "plural"),
    [
        ("entry", "entries"),
        ("day", "days"),
        ("box", "boxes"),
        ("journal_batch", "journal_batches"),
        ("car", "cars"),
    ],
)
def test_regular_plurals(word: str, plural: str) -> None:
    assert plural_of(word) == plural


def test_forms_of_two_words() -> None:
    forms = Words.of("customer_success", entity="account_plan").forms()
    assert (forms["App"], forms["title"], forms["Entity"]) == (
        "CustomerSuccess",
        "Customer success",
        "AccountPlan",
    )
    assert (forms["path"], forms["words"], forms["a_word"]) == (
        "account-plans",
        "account plans",
        "an account plan",
    )


def test_what_cannot_be_written_as_a_whole_is_taken_back(tmp_path: Path) -> None:
    (tmp_path / "changed").write_text("old")
    (tmp_path / "blocked").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="blocked"):
        Changes({"changed": b"new", "fresh/file": b"new", "blocked/file": b"new"}, ()).bring_over(tmp_path)
    assert {p.name: p.read_text() for p in tmp_path.rglob("*") if p.is_file()} == {
        "changed": "old",
        "blocked": "a file where a folder should be",
    }
