"""`.dev/access.json`: what a person or a program needs to use the platform that `make run` started."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.devserver.environment import write_private


def read_access(path: Path) -> dict[str, Any]:
    """The file's content; nothing where there is none yet."""
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return content


def complete_access(path: Path, variables: dict[str, str], streams_url: str) -> dict[str, Any]:
    """Add the addresses to the logins and keys that `seed_demo` wrote."""
    access = read_access(path)
    access["base_url"] = variables["BASE_URL"]
    access["streams_url"] = streams_url
    access["database"] = {
        "application": variables["DATABASE_URL"],
        "worker": variables["WORKER_DATABASE_URL"],
        "superuser": variables["BOOTSTRAP_DATABASE_URL"],
    }
    access["broker_url"] = variables["REDIS_URL"]
    if "admin" in access:
        access["admin"]["url"] = f"{variables['BASE_URL']}/admin/"
    write_private(path, json.dumps(access, indent=2) + "\n")
    return access
