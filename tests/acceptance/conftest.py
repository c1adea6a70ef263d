"""The installation that an acceptance test looks at; one of each topology, kept for all its tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.topologies import TOPOLOGIES, Topology, running


@pytest.fixture(scope="session", params=TOPOLOGIES)
def topology(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    with running(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made
