"""Trellis' API with its isolation taken out: what `acting` and row-level security are compared with.

Never serve anything but a benchmark with this.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from shared.session import unit
from shared.session.facts import Facts, _current


@contextmanager
def _remembered(facts: Facts, outer: Facts | None) -> Iterator[None]:
    """Remember the facts for the managers, and tell PostgreSQL nothing: no transaction, role or setting."""
    token = _current.set(facts)
    try:
        yield
    finally:
        _current.reset(token)


def _unguarded(connection: Any, **_: Any) -> None:
    """Leave the connection without the guard that refuses statements outside of a unit."""


unit._unit = _remembered
unit.guard_connection = _unguarded

application = get_wsgi_application()
