"""`.dev/env`: URLs of the logins, secrets that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.devserver.access import complete_access, read_access
from shared.devserver.environment import (
    bootstrap_url,
    make_environment,
    urls_of_moved_domains,
    write_environment,
)
from shared.devserver.refusal import Refusal
from shared.domains.logins import login_password, login_url

OUTSIDE = "postgresql://boss:secret@db.example:5433/shop"


def environment(home: Path, bootstrap: str = OUTSIDE, *, own_server: bool) -> dict[str, str]:
    return make_environment(
        home, bootstrap=bootstrap, redis_url="redis://r/0", base_url="http://here", own_server=own_server
    )


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("postgresql://u@h/shop", "postgresql://u@h/shop"),
        ("postgres://u:p@h:5433/postgres", "postgresql://u:p@h:5433/trellis"),
        ("postgresql://u@h", "postgresql://u@h/trellis"),
        ("postgresql://u@h/?sslmode=require", "postgresql://u@h/trellis?sslmode=require"),
    ],
)
def test_a_url_without_a_database_of_its_own_means_trellis(given: str, meant: str) -> None:
    assert bootstrap_url(given) == meant


@pytest.mark.parametrize(
    "given",
    ["mysql://u@h/shop", "postgresql:///shop", "nonsense", "postgresql://u@h:port/shop", "postgresql://h/x"],
)
def test_what_is_no_database_url_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(Refusal, match="must look like postgresql://user:password@host:5432/database"):
        bootstrap_url(given)


def test_a_login_signs_in_to_the_same_server_and_database() -> None:
    url = login_url(f"{OUTSIDE}?sslmode=require", "trellis_web", "seed")
    password = login_password("seed", "trellis_web")
    assert url == f"postgresql://trellis_web:{password}@db.example:5433/shop?sslmode=require"


def test_secrets_of_a_checkout_are_kept_and_differ_between_checkouts(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first = environment(tmp_path / "one", own_server=True)
    assert environment(tmp_path / "one", own_server=True) == first
    other = environment(tmp_path / "two", own_server=True)
    for name in ("SECRET_KEY", "API_KEY_PEPPER", "LOGIN_PASSWORD_SEED"):
        assert len(first[name]) >= 50
        assert first[name] != other[name]


def test_checkouts_that_share_a_server_agree_on_its_logins_and_keys(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    first, second = (environment(tmp_path / name, own_server=False) for name in ("one", "two"))
    assert first["DATABASE_URL"] == second["DATABASE_URL"]
    assert first["API_KEY_PEPPER"] == second["API_KEY_PEPPER"]
    assert first["SECRET_KEY"] != second["SECRET_KEY"]


def test_another_password_of_the_server_gives_other_logins(tmp_path: Path) -> None:
    first = environment(tmp_path, own_server=False)
    second = environment(tmp_path, OUTSIDE.replace("secret", "changed"), own_server=False)
    assert first["LOGIN_PASSWORD_SEED"] != second["LOGIN_PASSWORD_SEED"]


def test_urls_of_domains_that_have_moved_are_kept_and_follow_the_server(tmp_path: Path) -> None:
    kept = {
        "BOOTSTRAP_DATABASE_URL": OUTSIDE,
        "DATABASE_URL": "postgresql://trellis_web:p@db.example:5433/shop",
        "SUPPORT_DATABASE_URL": "postgresql://trellis_web:p@db.example:5433/desk",
        "CRM_DATABASE_URL": "postgresql://trellis_web:p@db2.example/sales",
    }
    write_environment(tmp_path / "env", kept)
    assert urls_of_moved_domains(tmp_path / "env", "postgresql://boss:secret@127.0.0.1:40001/shop") == {
        "SUPPORT_DATABASE_URL": "postgresql://trellis_web:p@127.0.0.1:40001/desk",
        "CRM_DATABASE_URL": "postgresql://trellis_web:p@db2.example/sales",
    }
    assert urls_of_moved_domains(tmp_path / "none", OUTSIDE) == {}


def test_files_with_secrets_are_private_and_complete(tmp_path: Path) -> None:
    variables = environment(tmp_path, own_server=True)
    write_environment(tmp_path / "env", variables)
    lines = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert lines == variables
    (tmp_path / "access.json").write_text(
        '{"admin": {"email": "a@b", "password": "p"}, "api_keys": {"crm": "k"}}'
    )
    complete_access(tmp_path / "access.json", variables, "http://streams")
    access = read_access(tmp_path / "access.json")
    assert access["admin"] == {"email": "a@b", "password": "p", "url": "http://here/admin/"}
    assert access["api_keys"] == {"crm": "k"}
    assert access["database"]["application"].startswith("postgresql://trellis_web:")
    assert access["database"]["superuser"] == OUTSIDE
    for name in ("env", "access.json", "secrets.json"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0
