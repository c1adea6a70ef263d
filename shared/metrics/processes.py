"""One account for several server processes: each writes its figures into a shared folder, /metrics adds them up.

The folder is PROMETHEUS_MULTIPROC_DIR, which must be set before the first metric is declared. gunicorn's settings
(`shared/devserver/gunicorn.py`) call these; nothing here may import a metric.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def share_metrics() -> Path | None:
    """In the server's first process, before its workers start: make the folder, or empty the given one.

    Returns the folder where it was made here, to be removed at the end.
    """
    given = os.environ.get(VARIABLE)
    if given:
        folder = Path(given)
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.db"):
            left.unlink(missing_ok=True)
        return None
    made = Path(
        tempfile.mkdtemp(prefix="trellis-metrics-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None)
    )
    os.environ[VARIABLE] = str(made)
    return made


def forget_process(process_id: int) -> None:
    """A worker has ended: what it counted stays, its present state (gauges) goes."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(process_id)


def remove(folder: Path | None) -> None:
    """At the server's end."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
