"""PostgreSQL refuses to run as root: which account runs it then, and where its data can lie."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.devserver.refusal import Refusal

OUTSIDE = Path("/var/lib/trellis-dev")
"""Where the data of a checkout lies that the account cannot walk to (root's home is usually closed)."""


@dataclass(frozen=True)
class Account:
    """A system account that exists already; none is ever created, and no folder's mode is loosened for it."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Arguments of subprocess.Popen that start a process as this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_enter(self, folder: Path) -> bool:
        """Whether the account may walk to ``folder``."""
        try:
            return subprocess.run(["test", "-x", str(folder)], cwd="/", **self.popen).returncode == 0
        except PermissionError as error:
            raise Refusal(
                f"This root may not switch to the account {self.name!r}, and PostgreSQL refuses to run as "
                "root: run make as another user, or set DATABASE_URL to a running server."
            ) from error


def server_account() -> Account | None:
    """The account to run PostgreSQL as, or None when this user can run it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise Refusal(
        "PostgreSQL refuses to run as root and this machine has neither a 'postgres' nor a 'nobody' account: "
        "run make as another user, or set DATABASE_URL to a running server."
    )


def data_folder(home: Path, account: Account | None, identity: str) -> Path:
    """The folder for PostgreSQL's data: in ``home``, or outside where the account cannot walk to ``home``.

    ``identity`` changes when ``home`` is made anew; what an earlier home of the same path left outside goes.
    """
    inside = home / "postgres"
    inside.mkdir(mode=0o755, exist_ok=True)
    if account is None:
        return inside
    if account.can_enter(inside):
        os.chown(inside, account.uid, account.gid)
        return inside
    outside = _outside(home)
    mark = outside / "identity"
    if outside.exists() and (not mark.exists() or mark.read_text() != identity):
        shutil.rmtree(outside)
    outside.mkdir(parents=True, mode=0o755, exist_ok=True)
    mark.write_text(identity)
    os.chown(outside, account.uid, account.gid)
    return outside


def forget_data(home: Path) -> None:
    """Remove what lies outside ``home`` for it."""
    shutil.rmtree(_outside(home), ignore_errors=True)


def _outside(home: Path) -> Path:
    return OUTSIDE / f"{home.parent.name}-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
