"""gunicorn's settings for the pages and the API.

Threads rather than sync workers, which are about a fifth faster on two cores: a browser opens connections
before it needs them, and each such connection would occupy a sync worker until it times out.
"""

import os
from pathlib import Path
from typing import Any

from shared.metrics.processes import forget_process, remove, share_metrics

wsgi_app = "config.wsgi:application"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
keepalive = 15
graceful_timeout = 5
accesslog = None
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None

_metrics = share_metrics()


def child_exit(server: Any, worker: Any) -> None:
    """A worker has ended."""
    forget_process(worker.pid)


def on_exit(server: Any) -> None:
    """The server ends."""
    remove(_metrics)
