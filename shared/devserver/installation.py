"""Prepares the database of compose.yaml, and hands each process the URL of its own login and no other.

    python -m shared.devserver.installation /run/trellis

writes web.env and worker.env into that folder, to be named by TRELLIS_ENV_FILE.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from shared.devserver.environment import LOGINS, bootstrap_url, write_environment
from shared.devserver.refusal import Refusal
from shared.domains.logins import login_url

ROOT = Path(__file__).resolve().parent.parent.parent


def prepare(folder: Path) -> None:
    """Roles, schemas and migrations on the server of BOOTSTRAP_DATABASE_URL, then the processes' files."""
    missing = [n for n in ("BOOTSTRAP_DATABASE_URL", "LOGIN_PASSWORD_SEED") if not os.environ.get(n)]
    if missing:
        raise Refusal(f"Set {' and '.join(missing)} first.")
    bootstrap = bootstrap_url(os.environ["BOOTSTRAP_DATABASE_URL"])
    seed = os.environ["LOGIN_PASSWORD_SEED"]
    urls = {name: login_url(bootstrap, login, seed) for name, login in LOGINS.items()}
    for command in (("prepare_database",), ("migrate",), ("provision",)):
        environment = {**os.environ, **urls, "BOOTSTRAP_DATABASE_URL": bootstrap}
        done = subprocess.run((sys.executable, "manage.py", *command), cwd=ROOT, env=environment)
        if done.returncode:
            raise Refusal(f"manage.py {command[0]} failed: its own words are above.")
    for process, variable in (("web", "DATABASE_URL"), ("worker", "WORKER_DATABASE_URL")):
        write_environment(folder / f"{process}.env", {variable: urls[variable]})


if __name__ == "__main__":
    try:
        prepare(Path(sys.argv[1]))
    except Refusal as refusal:
        sys.exit(str(refusal))
