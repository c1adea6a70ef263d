"""What the demo's people and programs sign in with: made once, kept in a file that only its owner reads."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any


class AccessFile:
    """A JSON file of mode 0600; what others wrote into it stays."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.content: dict[str, Any] = {}
        if path is not None and path.is_file():
            try:
                read = json.loads(path.read_text())
            except ValueError:
                read = {}  # half-written or edited badly: all of it can be made again
            self.content = read if isinstance(read, dict) else {}

    def section(self, name: str) -> dict[str, Any]:
        """A part of the file, made where it is missing."""
        part = self.content.get(name)
        if not isinstance(part, dict):
            part = self.content[name] = {}
        return part

    def write(self) -> None:
        """Replace the file as a whole, readable by its owner alone from the first byte on."""
        if self.path is None:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(self.content, indent=2) + "\n")
        beside.replace(self.path)


def make_password() -> str:
    """Four groups of four, readable aloud: 80 bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
