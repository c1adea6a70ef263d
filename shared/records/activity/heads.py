"""The newest seal of each domain, kept outside of its database: a chain alone does not tell that its end was cut off.

A file for each domain in ACTIVITY_HEADS_DIR, replaced as a whole; and a line in the log of every seal, which a collector of
logs takes to where neither the database's nor this machine's administrator reaches.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

log = logging.getLogger("trellis.seals")


@dataclass(frozen=True)
class Head:
    """The newest seal of a domain: its number and digest (hexadecimal)."""

    domain: str
    number: int
    digest: str


def keep_head(head: Head) -> None:
    """Note the newest seal."""
    log.info("seal domain=%s number=%d digest=%s", head.domain, head.number, head.digest)
    folder = Path(settings.ACTIVITY_HEADS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False) as draft:
        json.dump({"number": head.number, "digest": head.digest}, draft)
        draft.flush()
        os.fsync(draft.fileno())
    Path(draft.name).replace(folder / f"{head.domain}.json")


def kept_head(domain: str) -> Head | None:
    """The newest seal that was noted for a domain; None where none was."""
    try:
        noted = json.loads((Path(settings.ACTIVITY_HEADS_DIR) / f"{domain}.json").read_text())
        return Head(domain, int(noted["number"]), str(noted["digest"]))
    except FileNotFoundError:
        return None
