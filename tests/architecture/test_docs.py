"""The documents hold together: links lead somewhere, commands exist, nothing is left out."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from shared.domains.check.compare import declared_models
from shared.domains.registry import domains, split_table

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("[0-9]*.md"))
NARRATIVE = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), *DECISIONS]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```", re.DOTALL)


def pages() -> list[Path]:
    """Every page of the repository, written or tracked."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", _CODE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def named(page: Path, column: str = r"[^|]+") -> set[str]:
    """First cells of a page's tables."""
    return {m.strip(" `") for m in re.findall(rf"^\| ({column}) \|", page.read_text(), re.MULTILINE)}


def test_links_lead_somewhere() -> None:
    dead = []
    for page in pages():
        for target in _LINK.findall(_CODE.sub("", page.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            linked = (page.parent / name).resolve() if name else page
            if not linked.exists() or (anchor and anchor not in anchors(linked)):
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


@pytest.mark.parametrize("page", NARRATIVE, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page: Path) -> None:
    """Paths in backticks that begin with a folder of ours; how-to pages name files that the reader makes."""
    folders = "|".join(("config", "shared", "tests", "bench", "docs", *(domain.app for domain in domains())))
    paths = re.findall(
        rf"`((?:{folders})/[\w./-]+\.(?:py|sql|md|lua|toml))`", _CODE.sub("", page.read_text())
    )
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=lambda p: p.stem[:4])
def test_a_decision_has_its_three_parts(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.name[:4]}: ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= 45, "half a page"


def test_decisions_are_numbered_and_listed() -> None:
    numbers = [page.name[:4] for page in DECISIONS]  # given out in advance, so there may be gaps
    assert sorted(set(numbers)) == numbers
    listed = _LINK.findall((DOCS / "decisions" / "README.md").read_text())
    assert listed == [page.name for page in DECISIONS]
    titles = [page.read_text().partition("\n")[0].removeprefix("# ") for page in DECISIONS]
    assert [title for title in titles if title not in (DOCS / "decisions" / "README.md").read_text()] == []


def test_every_requirement_has_its_reason() -> None:
    required: set[str] = set()
    for name in ("requirements.txt", "requirements-dev.txt"):
        required |= set(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (ROOT / name).read_text(), re.MULTILINE))
    assert named(DOCS / "dependencies.md") - {"package", "---"} == required


def test_make_targets_of_the_readme_exist() -> None:
    said = set(re.findall(r"(?:`|^)make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    public = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert said <= targets
    assert public - said - {"help"} == set(), "not in the README"


def test_commands_of_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text()
    said = set(re.findall(r"manage\.py ([a-z_]+)", readme)) | set(
        re.findall(
            r"^\| `([a-z_]+)[ `]", readme.partition("manage.py` |")[2].partition("\n\n")[0], re.MULTILINE
        )
    )
    assert said
    assert said - get_commands().keys() == set()


def test_every_package_of_the_kit_has_a_line() -> None:
    lines = set(re.findall(r"`(\w+)/`", (ROOT / "shared" / "README.md").read_text()))
    folders = {p.name for p in (ROOT / "shared").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert lines == folders


def test_every_variable_of_the_settings_is_in_the_readme() -> None:
    settings_text = "".join(p.read_text() for p in (ROOT / "config" / "settings").glob("*.py"))
    read = set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", settings_text))
    assert read
    assert [name for name in sorted(read) if f"`{name}`" not in (ROOT / "README.md").read_text()] == []


def test_every_table_is_in_the_glossary() -> None:
    """Or it is a part of something that is."""
    parts = {
        "custom_field_terms",
        "custom_field_values",
        "ticket_counters",
        "deal_stage_history",
        "segment_versions",
        "sessions",
        "idempotency_keys",
    }
    glossary = (DOCS / "glossary.md").read_text()
    tables = {split_table(model._meta.db_table)[1] for model in declared_models(versions=False)}
    missing = {table for table in tables if not re.search(rf"\b{table}\b", glossary)}
    assert missing - parts == set()
    assert parts - missing == set(), "an exemption that nothing needs any more"
