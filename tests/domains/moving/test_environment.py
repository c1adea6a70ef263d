"""Which environment files learn of a move, and which logins they get."""

from __future__ import annotations

from pathlib import Path

from shared.domains.moving.environment import write_url
from shared.domains.moving.places import read_place
from shared.domains.registry import get_domain

THERE = read_place("postgresql://postgres:x@db2.example:5432/desk")


def written(path: Path, text: str) -> str:
    path.write_text(text)
    write_url(path, get_domain("support"), THERE, "seed")
    return path.read_text()


def test_a_process_of_all_domains_keeps_the_common_login(tmp_path: Path) -> None:
    home = "DATABASE_URL=postgresql://trellis_web:y@db1.example:5432/trellis\n"
    found = written(tmp_path / "env", home)
    assert "SUPPORT_DATABASE_URL=postgresql://trellis_web:" in found
    assert "@db2.example:5432/desk" in found


def test_a_domains_own_process_keeps_its_own_login(tmp_path: Path) -> None:
    login = get_domain("support").login
    own = f"SERVE=support\nSUPPORT_DATABASE_URL=postgresql://{login}:y@db1.example:5432/trellis\n"
    found = written(tmp_path / "env.support", own)
    assert f"SUPPORT_DATABASE_URL=postgresql://{login}:" in found
    assert "trellis_web" not in found


def test_a_process_of_another_domain_learns_no_login(tmp_path: Path) -> None:
    other = "SERVE=crm, marketing\nCRM_DATABASE_URL=postgresql://trellis_crm_app:y@db1.example:5432/trellis\n"
    assert written(tmp_path / "env.crm", other) == other
