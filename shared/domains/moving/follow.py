"""How a running process follows a domain that has moved: it reads the URL anew instead of being restarted."""

from __future__ import annotations

import logging
import re
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, connections
from django.utils.module_loading import import_string

from shared.domains.registry import domains

log = logging.getLogger("trellis.domains")

T = TypeVar("T")

_PLACE = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
_NAMES = re.compile(r'(?:relation|schema) "?([a-z_]+)')
_lock = threading.Lock()
_announced: list[int] = []
_thread = threading.local()


def has_moved(error: BaseException) -> bool:
    """Whether a database error says that a domain's tables are not there (any more), or not open yet."""
    cause = error.__cause__ or error
    state = getattr(cause, "sqlstate", None)
    if state == "42501":
        # A domain's role may use every schema of the database where it lives, ``shared`` too, and of no other.
        return "permission denied for schema" in str(cause)
    if state not in {"42P01", "3F000"}:
        return False
    named = _NAMES.search(str(cause))
    return named is not None and named.group(1) in {domain.schema for domain in domains()}


def follow_move() -> None:
    """Take the databases' URLs from the environment's file again; this thread drops connections to where they were."""
    with _lock:
        _take_urls_anew()
    _drop_stale_connections()


def _take_urls_anew() -> None:
    found: dict[str, dict[str, Any]] = import_string(settings.RELOAD_DATABASES)()
    if _places(found) != _places(settings.DATABASES):
        use_databases(found)
        log.warning("The domains' databases have changed: %s", ", ".join(sorted(found)))


def _drop_stale_connections() -> None:
    """Each thread has connections of its own, and drops them itself when another one has taken the URLs anew."""
    current = connections.settings
    if getattr(_thread, "settings", None) is current:
        return
    kept = False
    for alias in current:
        own = connections[alias].settings_dict
        stale = any(own.get(part) != current[alias].get(part) for part in _PLACE)
        if stale and connections[alias].in_atomic_block:
            kept = True
        elif stale:
            connections[alias].close()
            del connections[alias]
    if not kept:
        _thread.settings = current


def following(read: Callable[[], T]) -> T:
    """What ``read`` finds; once more where the domain has just gone, for look-ups that need no unit."""
    try:
        return read()
    except DatabaseError as error:
        if not has_moved(error):
            raise
        follow_move()
        return read()


def follow_announced_move() -> None:
    """Take the URLs anew when the environment's file says that a move has ended (``environment.announce``).

    For the start of a request or task; costs one ``stat``. The process's first call only looks.
    """
    changed = changed_at(settings.ENVIRONMENT_FILE)
    if not _announced:
        _announced.append(changed)
        _thread.settings = connections.settings
        return
    if _announced[0] != changed:
        with _lock:  # who comes meanwhile waits, or would go on in the old database
            if _announced[0] != changed:
                _take_urls_anew()
                _announced[0] = changed
    _drop_stale_connections()


def changed_at(path: Path) -> int:
    """When a file was last changed, in nanoseconds; 0 where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_mtime_ns if stat.S_ISREG(found.st_mode) else 0


def use_databases(found: dict[str, dict[str, Any]]) -> None:
    """Use these databases from now on, in all threads of this process."""
    settings.DATABASES = found
    connections.settings = connections.configure_settings(found)


def _places(databases: dict[str, dict[str, Any]]) -> dict[str, tuple[str, ...]]:
    return {
        alias: tuple(str(database.get(part) or "") for part in _PLACE)
        for alias, database in databases.items()
    }
