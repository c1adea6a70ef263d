"""Reads the process environment: `.dev/env` of a checkout, and which login a process signs in with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

OWNER_COMMANDS = {
    "migrate",
    "migrate_domain",
    "migrate_domains",
    "migrate_schemas",
    "makemigrations",
    "sqlmigrate",
    "showmigrations",
    "squashmigrations",
    "check_domains",
    "provision",
    "rollout",
    "prepare_database",
    "adopt_tables",
    "split_domain",
}
"""Commands that change or inspect the schema; they sign in with the migrations' login."""

WEB_COMMANDS = {"runserver", "check", "collectstatic", "spectacular"}


ENVIRONMENT_FILE = Path(os.environ.get("TRELLIS_ENV_FILE", ROOT / ".dev" / "env"))
"""Processes that run follow what changes in it: ``shared/domains/moving/follow.py``."""

_from_file: set[str] = set()


def load_env_file() -> None:
    """Take variables from ENVIRONMENT_FILE (`.dev/env`, written by `make run`) where the environment does not set them.

    Called again, it follows what has changed in the file since.
    """
    lines = ENVIRONMENT_FILE.read_text().splitlines() if ENVIRONMENT_FILE.is_file() else []
    found = {
        name.strip(): value.strip()
        for name, separator, value in (line.partition("=") for line in lines if not line.startswith("#"))
        if separator
    }
    for name in _from_file - found.keys():
        os.environ.pop(name, None)
    _from_file.intersection_update(found)
    for name, value in found.items():
        if name in _from_file or name not in os.environ:
            os.environ[name] = value
            _from_file.add(name)


def process_kind() -> str:
    """``migrations``, ``worker`` or ``web``: by TRELLIS_PROCESS, else by what was started."""
    if kind := os.environ.get("TRELLIS_PROCESS"):
        return kind
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name  # python -m celery
    if name in {"manage.py", "django-admin", "django"}:
        return kind_of_command(*sys.argv[1:2])
    return "worker" if name == "celery" else "web"


def kind_of_command(command: str = "") -> str:
    """What a command of `manage.py` is, unless TRELLIS_PROCESS says otherwise."""
    if command in OWNER_COMMANDS:
        return "migrations"
    return "web" if command in WEB_COMMANDS else "worker"
