"""Which tests stay together when several workers share the suite: those of one topology, which one worker starts.

pytest-xdist's own groups write into a test's identifier, which pytest 9.2 does not take any more.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

_TOPOLOGY = re.compile(r"tests/acceptance/.*\[(shared|api|split)\b")


class _Together(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        found = _TOPOLOGY.search(nodeid)
        return f"topology {found.group(1)}" if found else nodeid


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    return _Together(config, log) if config.getvalue("dist") == "load" else None
